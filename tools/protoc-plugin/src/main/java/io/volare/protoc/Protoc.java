package io.volare.protoc;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import io.volare.protoc.ProtocExecutable.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The compiler's front: runs protoc over IDLs for their messages, adds the Java of their services,
 * and writes only what has changed. Needs no launcher for the plugin, which protoc would.
 *
 * <pre>protoc [-o DIR] [-I DIR]... [--protoc FILE] FILE|DIR...</pre>
 */
public final class Protoc {
  /** IDLs that every file may import; they come with protobuf-java. */
  private static final List<String> WELL_KNOWN =
      List.of(
          "any",
          "api",
          "descriptor",
          "duration",
          "empty",
          "field_mask",
          "java_features",
          "source_context",
          "struct",
          "timestamp",
          "type",
          "wrappers");

  private final Path output;
  private final List<Path> includePath;
  private final Path executable;
  private final Set<String> warnings = new LinkedHashSet<>();

  /**
   * Sets what holds for a run.
   *
   * @param output the folder for Java sources; nothing else should live there
   * @param includePath folders in which imported files are looked for, besides the inputs
   * @param executable the protoc to try first, or null
   */
  public Protoc(Path output, List<Path> includePath, Path executable) {
    this.output = output;
    this.includePath = List.copyOf(includePath);
    this.executable = executable;
  }

  /** Compiles the files named on the command line; exits with 1 if one of them is wrong. */
  public static void main(String[] arguments) throws IOException {
    Path output = Path.of("generated");
    Path executable = null;
    List<Path> includePath = new ArrayList<>();
    List<Path> inputs = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "-o" -> output = Path.of(valueAfter(arguments, i++));
        case "-I" -> includePath.add(Path.of(valueAfter(arguments, i++)));
        case "--protoc" -> executable = Path.of(valueAfter(arguments, i++));
        default -> inputs.add(Path.of(arguments[i]));
      }
    }
    if (inputs.isEmpty() || inputs.stream().anyMatch(input -> input.toString().startsWith("-"))) {
      System.err.println("usage: protoc [-o DIR] [-I DIR]... [--protoc FILE] FILE|DIR...");
      System.exit(2);
    }
    try {
      Protoc protoc = new Protoc(output, includePath, executable);
      protoc.compile(inputs);
      protoc.warnings().forEach(warning -> System.err.println("warning: " + warning));
    } catch (ProtocException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(1);
    }
  }

  private static String valueAfter(String[] arguments, int at) {
    return at + 1 < arguments.length ? arguments[at + 1] : "-";
  }

  /**
   * Compiles {@code inputs}: files, or folders with {@code .proto} files, from which imports are
   * looked for too. Files that were generated before and are not any more are removed.
   *
   * @return how many Java files there are
   * @throws ProtocException if an IDL is wrong, or no protoc runs here; nothing has been written
   * @throws IOException if a Java file cannot be written
   */
  public int compile(List<Path> inputs) throws ProtocException, IOException {
    Path work = Files.createTempDirectory("volare-protoc");
    try {
      Map<String, String> generated = generate(inputs, work);
      new GeneratedFolder(output).write(generated);
      return generated.size();
    } finally {
      delete(work);
    }
  }

  /** {@return what protoc took though it is doubtful} */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  private Map<String, String> generate(List<Path> inputs, Path work)
      throws ProtocException, IOException {
    Set<Path> roots = new LinkedHashSet<>();
    Set<String> wanted = new LinkedHashSet<>();
    for (Path input : inputs) {
      Path root = Files.isDirectory(input) ? input : input.toAbsolutePath().getParent();
      roots.add(root);
      files(input).forEach(file -> wanted.add(relative(root, file.toAbsolutePath())));
    }
    if (wanted.isEmpty()) {
      return Map.of();
    }
    roots.addAll(includePath);
    roots.add(wellKnown(Files.createDirectories(work.resolve("well-known"))));
    Path messages = Files.createDirectories(work.resolve("java"));
    Path descriptors = work.resolve("descriptors");
    run(work, roots, wanted, messages, descriptors);
    Map<String, String> generated = new TreeMap<>();
    for (Path file : walk(messages, ".java")) {
      generated.put(relative(messages, file), Files.readString(file));
    }
    try (InputStream set = Files.newInputStream(descriptors)) {
      FileDescriptorSet all = FileDescriptorSet.parseFrom(set, ProtocPlugin.extensions());
      generated.putAll(new Generator(all.getFileList()).generate(wanted));
    }
    return generated;
  }

  private void run(Path work, Set<Path> roots, Set<String> wanted, Path messages, Path descriptors)
      throws ProtocException, IOException {
    List<String> arguments = new ArrayList<>();
    for (Path root : roots) {
      if (Files.isDirectory(root)) {
        arguments.add("--proto_path=" + root);
      }
    }
    arguments.add("--java_out=" + messages);
    arguments.add("--descriptor_set_out=" + descriptors);
    arguments.add("--include_imports");
    arguments.add("--include_source_info");
    arguments.addAll(wanted);
    ProtocExecutable protoc = ProtocExecutable.find(executable, work);
    if (protoc.isOfTheMachine()) {
      warnings.add(
          "the machine's own protoc is used, "
              + protoc.version()
              + ": its messages must fit the protobuf-java that they run with");
    }
    Outcome outcome = protoc.run(arguments, work.resolve("arguments"));
    if (outcome.exitCode() != 0) {
      throw new ProtocException(outcome.said().strip());
    }
    outcome.said().lines().filter(line -> !line.isBlank()).forEach(warnings::add);
  }

  private static Path wellKnown(Path folder) throws IOException {
    Path within = Files.createDirectories(folder.resolve("google/protobuf"));
    for (String name : WELL_KNOWN) {
      String file = name + ".proto";
      try (InputStream idl =
          FileDescriptorSet.class.getResourceAsStream("/google/protobuf/" + file)) {
        if (idl != null) {
          Files.copy(idl, within.resolve(file));
        }
      }
    }
    return folder;
  }

  private static List<Path> files(Path input) throws IOException {
    return Files.isDirectory(input) ? walk(input, ".proto") : List.of(input);
  }

  private static List<Path> walk(Path folder, String ending) throws IOException {
    try (Stream<Path> inside = Files.walk(folder)) {
      return inside.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static String relative(Path root, Path file) {
    return root.toAbsolutePath().relativize(file.toAbsolutePath()).toString().replace('\\', '/');
  }

  private static void delete(Path folder) throws IOException {
    List<Path> inside;
    try (Stream<Path> all = Files.walk(folder)) {
      inside = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : inside) {
      Files.delete(each);
    }
  }
}
