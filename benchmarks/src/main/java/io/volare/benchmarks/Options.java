package io.volare.benchmarks;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A command line of {@code --name value} pairs. Each is asked for with its default. */
final class Options {
  private final Map<String, String> given;
  private final Set<String> asked;

  private Options(Map<String, String> given, Set<String> asked) {
    this.given = given;
    this.asked = asked;
  }

  static Options of(List<String> words) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      if (!words.get(i).startsWith("--") || i + 1 == words.size()) {
        throw new IllegalArgumentException(
            "option: " + words.get(i) + " (expected: --name and a value)");
      }
      given.put(words.get(i).substring(2), words.get(i + 1));
    }
    return new Options(given, new HashSet<>());
  }

  Options with(String name, int value) {
    return with(name, Integer.toString(value));
  }

  static Options of(String... words) {
    return of(List.of(words));
  }

  /** {@return these with one more, which replaces what was given} */
  Options with(String name, String value) {
    Map<String, String> more = new HashMap<>(given);
    more.put(name, value);
    return new Options(more, asked);
  }

  String text(String name, String otherwise) {
    asked.add(name);
    return given.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    String value = text(name, Integer.toString(otherwise));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException mistyped) {
      throw new IllegalArgumentException(
          "--" + name + ": " + value + " (expected: a number)", mistyped);
    }
  }

  double seconds(String name, double otherwise) {
    return Double.parseDouble(text(name, Double.toString(otherwise)));
  }

  boolean isOn(String name) {
    return text(name, "no").equals("yes");
  }

  /** {@return one of an enum's constants, written in lower case} */
  <E extends Enum<E>> E choice(String name, E otherwise) {
    String value = text(name, otherwise.name());
    for (E constant : otherwise.getDeclaringClass().getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "--%s: %s (expected: one of %s)"
            .formatted(
                name,
                value,
                List.of(otherwise.getDeclaringClass().getEnumConstants())
                    .toString()
                    .toLowerCase(Locale.ROOT)));
  }

  /**
   * Ends the asking.
   *
   * @throws IllegalArgumentException if something was given that nothing asked for
   */
  void requireAllKnown() {
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(asked);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "options: " + unknown + " (expected: some of " + new TreeSet<>(asked) + ")");
    }
  }
}
