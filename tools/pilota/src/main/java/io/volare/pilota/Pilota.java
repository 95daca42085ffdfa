package io.volare.pilota;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * The compiler's front: reads Thrift files and writes Java files, only where something has changed.
 *
 * <pre>pilota [-o DIR] [-I DIR]... [--package NAME] [--keep-unknown-fields] FILE|DIR...</pre>
 */
public final class Pilota {
  private static final String STAMP = ".pilota";

  /** Changes with what is generated, so that old output is not taken for new. */
  private static final String GENERATION = "1";

  private final Path output;
  private final List<Path> includePath;
  private final String packageOverride;
  private final boolean keepUnknownFields;
  private final Set<String> warnings = new LinkedHashSet<>();

  /**
   * Sets what holds for a run.
   *
   * @param output the folder for Java sources; nothing else should live there
   * @param includePath folders in which included files are looked for
   * @param packageOverride the package of everything, or null for what the IDL says
   * @param keepUnknownFields whether structs keep and write back what their IDL does not know
   * @throws IllegalArgumentException if that is no package
   */
  public Pilota(
      Path output, List<Path> includePath, String packageOverride, boolean keepUnknownFields) {
    if (packageOverride != null && !SourceVersion.isName(packageOverride)) {
      throw new IllegalArgumentException(
          "package: " + packageOverride + " (expected: one of Java, such as com.example)");
    }
    this.output = output;
    this.includePath = List.copyOf(includePath);
    this.packageOverride = packageOverride;
    this.keepUnknownFields = keepUnknownFields;
  }

  /** Compiles the files named on the command line; exits with 1 if one of them is wrong. */
  public static void main(String[] arguments) {
    int exit = run(List.of(arguments), System.err);
    if (exit != 0) {
      System.exit(exit);
    }
  }

  /** {@return the exit code: 0, 1 if an IDL or a folder is wrong, 2 if the arguments are} */
  static int run(List<String> arguments, PrintStream errors) {
    Path output = Path.of("generated");
    List<Path> includePath = new ArrayList<>();
    List<Path> inputs = new ArrayList<>();
    String packageOverride = null;
    boolean keepUnknown = false;
    try {
      for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
        String word = rest.next();
        switch (word) {
          case "-o" -> output = Path.of(rest.next());
          case "-I" -> includePath.add(Path.of(rest.next()));
          case "--package" -> packageOverride = rest.next();
          case "--keep-unknown-fields" -> keepUnknown = true;
          default -> inputs.add(Path.of(word));
        }
      }
    } catch (NoSuchElementException noValue) {
      inputs.clear();
    }
    if (inputs.isEmpty() || inputs.stream().anyMatch(input -> input.toString().startsWith("-"))) {
      errors.println(
          "usage: pilota [-o DIR] [-I DIR]... [--package NAME] [--keep-unknown-fields]"
              + " FILE|DIR...");
      return 2;
    }
    try {
      Pilota pilota = new Pilota(output, includePath, packageOverride, keepUnknown);
      pilota.compile(inputs);
      pilota.warnings().forEach(warning -> errors.println("warning: " + warning));
      return 0;
    } catch (IdlException | IllegalArgumentException wrong) {
      errors.println(wrong.getMessage());
    } catch (IOException unwritable) {
      errors.println(output + ": cannot be written (" + unwritable + ")");
    }
    return 1;
  }

  /**
   * Compiles {@code inputs}: files, or folders with {@code .thrift} files. Files that were
   * generated before and are not any more are removed.
   *
   * @return how many Java files there are
   * @throws IdlException if an IDL is wrong; nothing has been written
   * @throws IOException if a Java file cannot be written
   */
  public int compile(List<Path> inputs) throws IdlException, IOException {
    Map<Path, Program> programs = new LinkedHashMap<>();
    for (Path file : files(inputs)) {
      for (Program program : Program.load(file, includePath).withIncludes()) {
        programs.putIfAbsent(program.path(), program);
      }
    }
    Generator generator = new Generator(packageOverride, keepUnknownFields);
    for (Program program : programs.values()) {
      generator.generate(program);
      warnings.addAll(program.idl().warnings());
    }
    Map<String, String> generated = generator.files().all();
    String digest = digest(generated);
    Path stamp = output.resolve(STAMP);
    if (Files.exists(stamp) && Files.readString(stamp).equals(digest) && allThere(generated)) {
      return generated.size();
    }
    removeStale(generated);
    for (Map.Entry<String, String> file : generated.entrySet()) {
      writeIfChanged(output.resolve(file.getKey()), file.getValue());
    }
    Files.writeString(stamp, digest);
    return generated.size();
  }

  /** {@return what was taken though it is doubtful, each with its place} */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  private List<Path> files(List<Path> inputs) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path input : inputs) {
      if (!Files.isDirectory(input)) {
        files.add(input);
        continue;
      }
      int before = files.size();
      try (Stream<Path> inside = Files.walk(input)) {
        inside.filter(file -> file.toString().endsWith(".thrift")).sorted().forEach(files::add);
      }
      if (files.size() == before) {
        warnings.add(input + ": no .thrift file in it");
      }
    }
    return files;
  }

  private boolean allThere(Map<String, String> generated) {
    return generated.keySet().stream().allMatch(file -> Files.exists(output.resolve(file)));
  }

  private void removeStale(Map<String, String> generated) throws IOException {
    if (!Files.exists(output.resolve(STAMP))) {
      Files.createDirectories(output);
      return;
    }
    List<Path> stale;
    try (Stream<Path> inside = Files.walk(output)) {
      stale =
          inside
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !generated.containsKey(relative(file)))
              .toList();
    }
    for (Path file : stale) {
      Files.delete(file);
    }
  }

  private String relative(Path file) {
    return output.relativize(file).toString().replace('\\', '/');
  }

  private static void writeIfChanged(Path file, String content) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    }
  }

  private static String digest(Map<String, String> generated) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(GENERATION.getBytes(StandardCharsets.UTF_8));
      generated.forEach((name, text) -> {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update(text.getBytes(StandardCharsets.UTF_8));
      });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
