package io.volare.protoc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Java names for IDL names. Names on the wire are never touched. */
final class JavaNames {
  private static final Set<String> KEYWORDS =
      Set.of(
          ("abstract assert boolean break byte case catch char class const continue default do"
                  + " double else enum extends final finally float for goto if implements import"
                  + " instanceof int interface long native new package private protected public"
                  + " return short static strictfp super switch synchronized this throw throws"
                  + " transient try void volatile while true false null _")
              .split(" "));

  private JavaNames() {}

  /** {@return methods for {@code names}, in their order, each its own} */
  static List<String> methods(List<String> names) {
    Set<String> used = new HashSet<>();
    List<String> methods = new ArrayList<>();
    for (String name : names) {
      String method = method(name);
      while (!used.add(method)) {
        method += "_";
      }
      methods.add(method);
    }
    return methods;
  }

  /** {@return lower camel case, with an underscore if Java reserves it} */
  static String method(String name) {
    String camel = camel(name);
    String lower =
        camel.equals(camel.toUpperCase(Locale.ROOT))
            ? camel.toLowerCase(Locale.ROOT)
            : camel.substring(0, 1).toLowerCase(Locale.ROOT) + camel.substring(1);
    return KEYWORDS.contains(lower) ? lower + "_" : lower;
  }

  /**
   * {@return constants for {@code names}, in their order, each its own and none in {@code taken}}
   */
  static List<String> constants(List<String> names, Set<String> taken) {
    Set<String> used = new HashSet<>(taken);
    List<String> constants = new ArrayList<>();
    for (String name : names) {
      String constant = constant(name);
      while (!used.add(constant)) {
        constant += "_";
      }
      constants.add(constant);
    }
    return constants;
  }

  /** {@return upper snake case} */
  private static String constant(String name) {
    String snake =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
            .toUpperCase(Locale.ROOT);
    return snake.equals("_") ? "__" : snake;
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder();
    boolean up = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_') {
        up = camel.length() > 0;
      } else {
        camel.append(up ? Character.toUpperCase(c) : c);
        up = false;
      }
    }
    String done = camel.toString();
    return done.isEmpty() || Character.isDigit(done.charAt(0)) ? "_" + done : done;
  }

  /** {@return upper camel case, as protoc makes the name of a file's class of the file's name} */
  static String ofFile(String name) {
    StringBuilder camel = new StringBuilder();
    boolean up = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'a' && c <= 'z') {
        camel.append(up ? Character.toUpperCase(c) : c);
        up = false;
      } else if (c >= 'A' && c <= 'Z') {
        camel.append(c);
        up = false;
      } else {
        boolean digit = c >= '0' && c <= '9';
        if (digit) {
          camel.append(c);
        }
        up = true;
      }
    }
    return camel.toString();
  }
}
