package io.volare.integrations.libthrift;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Code that Debian's Thrift compiler generates from the tests' IDL, compiled and loaded with the
 * library that it is for.
 */
enum ApacheCode {
  /** As it is generated, with the newest library that it fits, on a class path of its own. */
  AS_GENERATED {
    @Override
    String change(String source, Set<String> results) {
      return source;
    }

    @Override
    List<Path> ownClassPath() {
      return List.of(Path.of("target/older/libthrift.jar"), Path.of("target/classes"));
    }
  },

  /** With the two changes that the compiler of 0.25 brought, and the library of that version. */
  AS_OF_0_25 {
    @Override
    String change(String source, Set<String> results) {
      String typed =
          source
              .replaceAll(
                  "ProcessFunction<I, \\? extends +org.apache.thrift.TBase>",
                  "ProcessFunction<I, ? extends org.apache.thrift.TBase,"
                      + " ? extends org.apache.thrift.TBase>")
              .replace("protected boolean isOneway", "public boolean isOneway")
              .replaceAll(
                  "(?s)  public static class AsyncProcessor<.*?(  public static class \\w+_args)",
                  "$1");
      return Pattern.compile("ProcessFunction<I, (\\w+)_args> \\{")
          .matcher(typed)
          .replaceAll(found -> Matcher.quoteReplacement(function(found.group(1), results)));
    }

    private static String function(String name, Set<String> results) {
      boolean oneway = !results.contains(name);
      String type = oneway ? "org.apache.thrift.TBase" : name + "_result";
      return "ProcessFunction<I, %s_args, %s> { @Override public %s getEmptyResultInstance() { return %s; }"
          .formatted(name, type, type, oneway ? "null" : "new " + type + "()");
    }

    @Override
    List<Path> ownClassPath() {
      return List.of();
    }
  };

  private static final String OURS = "io.volare.integrations.libthrift.idl";

  abstract String change(String source, Set<String> results);

  /** {@return what this code must not share with the tests} */
  abstract List<Path> ownClassPath();

  static boolean isCompilerInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("thrift", "--version").start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** {@return the code written against the generated one, loaded with it} */
  ApacheSide load(Path folder) throws Exception {
    Path sources = Files.createDirectories(folder.resolve(name()).resolve("sources"));
    Path classes = Files.createDirectories(folder.resolve(name()).resolve("classes"));
    generate(sources);
    Files.copy(
        Path.of("src/test/apache/apache/inventory/ApacheInventory.java"),
        sources.resolve("ApacheInventory.java"));
    assertThat(problems(sources, classes)).isEmpty();
    List<URL> own = new ArrayList<>(List.of(url(classes)));
    for (Path part : ownClassPath()) {
      own.add(url(part));
    }
    ClassLoader loader = new OwnFirst(own.toArray(URL[]::new));
    return (ApacheSide)
        loader.loadClass("apache.inventory.ApacheInventory").getConstructor().newInstance();
  }

  private void generate(Path sources) throws Exception {
    Path idl = sources.resolve("inventory.thrift");
    String text = Files.readString(Path.of("src/test/thrift/inventory.thrift"));
    Files.writeString(idl, text.replace(OURS, "apache.inventory"));
    Process thrift =
        new ProcessBuilder(
                "thrift",
                "--gen",
                "java:generated_annotations=suppress",
                "-out",
                sources.toString(),
                idl.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(thrift.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(thrift.waitFor()).as(said).isZero();
    for (Path file : javaFiles(sources)) {
      String source = Files.readString(file);
      Set<String> results =
          Pattern.compile("static class (\\w+)_result ")
              .matcher(source)
              .results()
              .map(found -> found.group(1))
              .collect(Collectors.toSet());
      Files.writeString(file, change(source, results));
    }
  }

  private static List<Path> javaFiles(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private List<String> problems(Path sources, Path classes) throws IOException {
    Stream<String> own = ownClassPath().stream().map(Path::toString);
    String classPath =
        Stream.concat(own, Stream.of(System.getProperty("java.class.path")))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> options = List.of("-proc:none", "-d", classes.toString(), "-classpath", classPath);
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager manager = javac.getStandardFileManager(found, null, null)) {
      Iterable<? extends JavaFileObject> files =
          manager.getJavaFileObjectsFromPaths(javaFiles(sources));
      javac.getTask(null, manager, found, options, null, files).call();
    }
    return found.getDiagnostics().stream()
        .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(Object::toString)
        .toList();
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }

  /** Takes its own classes before those of the tests. */
  private static final class OwnFirst extends URLClassLoader {
    OwnFirst(URL[] own) {
      super(own, ApacheCode.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        try {
          return findClass(name);
        } catch (ClassNotFoundException notOwn) {
          return super.loadClass(name, resolve);
        }
      }
    }
  }
}
