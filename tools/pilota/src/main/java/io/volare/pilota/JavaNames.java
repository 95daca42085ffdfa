package io.volare.pilota;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Java names for IDL names. Names on the wire are never touched. */
final class JavaNames {
  private static final Set<String> RESERVED =
      Set.of(
          ("abstract assert boolean break byte case catch char class const continue default do"
                  + " double else enum extends final finally float for goto if implements import"
                  + " instanceof int interface long native new package private protected public"
                  + " return short static strictfp super switch synchronized this throw throws"
                  + " transient try void volatile while true false null _ hashCode toString"
                  + " getClass notify notifyAll wait clone finalize builder build codec"
                  + " getMessage getLocalizedMessage getCause initCause getStackTrace"
                  + " setStackTrace fillInStackTrace printStackTrace getSuppressed addSuppressed")
              .split(" "));

  /** What generated code calls by its simple name. */
  private static final Set<String> RESERVED_TYPES =
      Set.of(
          ("Object String Integer Boolean Byte Short Long Double Number Void Class Enum Record"
                  + " Override SuppressWarnings Throwable Exception RuntimeException"
                  + " InterruptedException IllegalStateException Builder Codec Unknown")
              .split(" "));

  private JavaNames() {}

  /** {@return a field, parameter or method: lower camel case, with an underscore if it is taken} */
  static String member(String name) {
    String camel = camel(name);
    String lower = camel.substring(0, 1).toLowerCase(Locale.ROOT) + camel.substring(1);
    if (camel.length() > 1 && camel.equals(camel.toUpperCase(Locale.ROOT))) {
      lower = camel.toLowerCase(Locale.ROOT);
    }
    return RESERVED.contains(lower) ? lower + "_" : lower;
  }

  /** {@return the name of a class inside another, where fewer names are taken} */
  static String nestedType(String name) {
    return capital(camel(name));
  }

  static String type(String name) {
    String type = nestedType(name);
    return RESERVED_TYPES.contains(type) ? type + "_" : type;
  }

  /**
   * {@return {@code name}, with underscores until {@code taken} has nothing like it; added to it}
   */
  static String free(String name, Set<String> taken) {
    String free = name;
    while (!taken.add(free.toLowerCase(Locale.ROOT))) {
      free += "_";
    }
    return free;
  }

  /** {@return members for {@code names}, in their order, each its own} */
  static List<String> members(List<String> names, String... taken) {
    Set<String> used = new HashSet<>(List.of(taken));
    List<String> members = new ArrayList<>();
    for (String name : names) {
      String member = member(name);
      while (!used.add(member)) {
        member += "_";
      }
      members.add(member);
    }
    return members;
  }

  /** {@return constants for {@code names}, in their order, each its own} */
  static List<String> constants(List<String> names, String... taken) {
    Set<String> used = new HashSet<>();
    for (String name : taken) {
      used.add(name.toLowerCase(Locale.ROOT));
    }
    List<String> constants = new ArrayList<>();
    for (String name : names) {
      constants.add(free(constant(name), used));
    }
    return constants;
  }

  static String capital(String member) {
    return member.substring(0, 1).toUpperCase(Locale.ROOT) + member.substring(1);
  }

  /** {@return upper snake case} */
  static String constant(String name) {
    String spaced =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2");
    return spaced.replaceAll("\\W", "_").toUpperCase(Locale.ROOT);
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder();
    boolean up = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '_' || c == '-' || c == '.') {
        up = camel.length() > 0;
      } else {
        camel.append(up ? Character.toUpperCase(c) : c);
        up = false;
      }
    }
    String done = camel.toString();
    return done.isEmpty() || Character.isDigit(done.charAt(0)) ? "_" + done : done;
  }
}
