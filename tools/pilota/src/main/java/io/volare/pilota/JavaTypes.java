package io.volare.pilota;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How types are written in one Java file, with the imports that this takes. */
final class JavaTypes {
  private final String javaPackage;
  private final String packageOverride;
  private final Map<String, String> imports = new TreeMap<>();
  private final Set<String> nestedNames = new HashSet<>();

  JavaTypes(String javaPackage, String packageOverride) {
    this.javaPackage = javaPackage;
    this.packageOverride = packageOverride;
  }

  /** {@return the simple name of a class, imported; its full name if the simple one is taken} */
  String use(String qualified) {
    int dot = qualified.lastIndexOf('.');
    String simple = qualified.substring(dot + 1);
    String taken = imports.putIfAbsent(simple, qualified);
    return taken == null || taken.equals(qualified) ? simple : qualified;
  }

  /** Keeps the simple name of a class that this file defines from being imported. */
  void define(String simple) {
    imports.put(simple, javaPackage + "." + simple);
  }

  /** Keeps the simple name of a class that is nested in {@code outer} from meaning another. */
  void define(String outer, String nested) {
    imports.put(nested, outer + "." + nested);
    nestedNames.add(outer + "." + nested);
  }

  Iterable<String> imports() {
    return imports.values().stream()
            .filter(name -> !name.substring(0, name.lastIndexOf('.')).equals(javaPackage))
            .filter(name -> !nestedNames.contains(name))
            .sorted()
        ::iterator;
  }

  /** {@return {@code type}, which may be null} */
  String nullable(String type) {
    int arguments = type.indexOf('<');
    int dot = type.lastIndexOf('.', arguments < 0 ? type.length() : arguments);
    String annotation = "@" + use("org.jspecify.annotations.Nullable") + " ";
    return type.substring(0, dot + 1) + annotation + type.substring(dot + 1);
  }

  String name(Type.Named type) {
    return use(
        type.program().javaPackage(packageOverride) + "." + type.program().javaName(type.struct()));
  }

  String name(Type.Enumeration type) {
    return use(
        type.program().javaPackage(packageOverride)
            + "."
            + type.program().javaName(type.enumType()));
  }

  /** {@return the type as a Java type argument} */
  String boxed(Type type) {
    if (type instanceof Type.Base base) {
      return switch (base) {
        case BINARY -> use("io.volare.codec.thrift.Binary");
        case UUID -> use("java.util.UUID");
        default -> use("java.lang." + base.boxed);
      };
    }
    if (type instanceof Type.ListOf list) {
      return use("java.util.List") + "<" + boxed(list.element()) + ">";
    }
    if (type instanceof Type.SetOf set) {
      return use("java.util.Set") + "<" + boxed(set.element()) + ">";
    }
    if (type instanceof Type.MapOf map) {
      return use("java.util.Map") + "<" + boxed(map.key()) + ", " + boxed(map.value()) + ">";
    }
    return type instanceof Type.Enumeration enumeration
        ? name(enumeration)
        : name((Type.Named) type);
  }

  /** {@return the type as it is declared where it is never null} */
  String plain(Type type) {
    return type instanceof Type.Base base && base.isPrimitive() ? base.primitive : boxed(type);
  }
}
