package io.volare.protoc;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How types are written in one Java file, with the imports that this takes. */
final class JavaTypes {
  private final String javaPackage;
  private final Set<String> neighbours;
  private final Map<String, String> imports = new TreeMap<>();

  /**
   * Starts a file.
   *
   * @param javaPackage where it is, empty for the unnamed package
   * @param defines the class in it
   * @param neighbours the classes of the package
   */
  JavaTypes(String javaPackage, String defines, Set<String> neighbours) {
    this.javaPackage = javaPackage;
    this.neighbours = neighbours;
    imports.put(defines, qualified(javaPackage, defines));
  }

  private static String qualified(String javaPackage, String name) {
    return javaPackage.isEmpty() ? name : javaPackage + "." + name;
  }

  /** {@return the simple name of a class, imported; its full name if the simple one is taken} */
  String use(String inPackage, String name) {
    String qualified = qualified(inPackage, name);
    if (inPackage.isEmpty()) {
      return qualified;
    }
    String simple = name.substring(name.lastIndexOf('.') + 1);
    if (inPackage.equals("java.lang") && neighbours.contains(simple)) {
      return qualified;
    }
    String taken = imports.putIfAbsent(simple, qualified);
    return taken == null || taken.equals(qualified) ? simple : qualified;
  }

  /** {@return the name for a class that is not nested in another} */
  String use(String qualified) {
    int dot = qualified.lastIndexOf('.');
    return use(qualified.substring(0, dot), qualified.substring(dot + 1));
  }

  String use(JavaFile.Message message) {
    return use(message.javaPackage(), message.name());
  }

  /** {@return {@code type} as {@link #use} gave it, which may be null} */
  String nullable(String type) {
    int dot = type.lastIndexOf('.') + 1;
    String annotation = "@" + use("org.jspecify.annotations.Nullable") + " ";
    return type.substring(0, dot) + annotation + type.substring(dot);
  }

  /** {@return what has to be imported, in order} */
  Iterable<String> imports() {
    return imports.values().stream()
            .filter(name -> name.contains("."))
            .filter(name -> !packageOf(name).equals(javaPackage))
            .filter(name -> !packageOf(name).equals("java.lang"))
            .sorted()
        ::iterator;
  }

  private static String packageOf(String qualified) {
    return qualified.substring(0, qualified.lastIndexOf('.'));
  }
}
