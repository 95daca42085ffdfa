package io.volare.interop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A command line of {@code --name value} pairs, each known by its name. */
record Arguments(Map<String, String> values) {
  /**
   * {@return the pairs in {@code words}}
   *
   * @throws IllegalArgumentException if there is one that {@code known} does not name, or no value
   */
  static Arguments parse(List<String> words, List<String> known) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "argument: " + name + " (expected: " + String.join(", ", known) + ")");
      }
      if (i + 1 == words.size()) {
        throw new IllegalArgumentException(name + ": nothing follows (expected: a value)");
      }
      values.put(name, words.get(i + 1));
    }
    return new Arguments(values);
  }

  /** {@return a number that is at least 1} */
  int number(String name, int otherwise) {
    return number(name, values.getOrDefault(name, Integer.toString(otherwise)), 1);
  }

  static int number(String name, String value, int least) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException mistyped) {
      // said below
    }
    throw new IllegalArgumentException(
        name + ": " + value + " (expected: a number, >= " + least + ")");
  }

  /** {@return what the arguments say; where they are wrong, that is said and the process ends} */
  static <T> T orExit(Supplier<T> parsing) {
    try {
      return parsing.get();
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
      throw wrong;
    }
  }
}
