package io.volare.pilota;

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
                  + " getClass notify notifyAll wait clone finalize builder build codec")
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

  static String type(String name) {
    String camel = camel(name);
    return camel.substring(0, 1).toUpperCase(Locale.ROOT) + camel.substring(1);
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
