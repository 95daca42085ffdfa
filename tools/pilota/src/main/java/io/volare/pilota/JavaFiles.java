package io.volare.pilota;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.LinkedHashSet;

/** The Java files that were generated, by their paths. */
final class JavaFiles {
  private final Map<String, String> files = new LinkedHashMap<>();
  private final Set<String> packages = new LinkedHashSet<>();

  /** Writes the body of a file. */
  @FunctionalInterface
  interface Body {
    void write(Source source, JavaTypes types) throws IdlException;
  }

  void add(String javaPackage, String name, Program program, Body body, JavaTypes types)
      throws IdlException {
    Source source = new Source();
    body.write(source, types);
    packages.add(javaPackage);
    String file = javaPackage.replace('.', '/') + "/" + name + ".java";
    String before =
        files.put(file, source.file(program.path().getFileName().toString(), javaPackage, types));
    if (before != null) {
      throw new IdlException(
          new Position(program.path().getFileName().toString(), 0, 0, ""),
          "two definitions become the class " + javaPackage + "." + name);
    }
  }

  /** {@return all files, with the package descriptions} */
  Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>(files);
    for (String javaPackage : packages) {
      all.put(
          javaPackage.replace('.', '/') + "/package-info.java",
          "/** Generated from a Thrift IDL by Volare. */\n"
              + "@org.jspecify.annotations.NullMarked\n"
              + "package "
              + javaPackage
              + ";\n");
    }
    return all;
  }
}
