package io.volare.registry.etcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is needed of JSON (RFC 8259) to talk to etcd. What is asked for and is not there, or is
 * something else, is {@link #NOTHING}: etcd leaves out whatever is zero or empty.
 */
sealed interface Json {
  Json NOTHING = new Nothing();

  /** {@return the value of {@code text}, which must hold nothing else} */
  static Json parse(String text) throws MalformedJsonException {
    return new JsonReader(text).whole();
  }

  /** {@return {@code text} as a JSON string} */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        default -> {
          if (c < ' ' || Character.isSurrogate(c)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /** {@return the value of a field} */
  default Json at(String name) {
    return this instanceof Fields(Map<String, Json> fields)
        ? fields.getOrDefault(name, NOTHING)
        : NOTHING;
  }

  /** {@return the elements of a list} */
  default List<Json> items() {
    return this instanceof Items(List<Json> items) ? items : List.of();
  }

  /** {@return the fields of an object} */
  default Map<String, Json> fields() {
    return this instanceof Fields(Map<String, Json> fields) ? fields : Map.of();
  }

  /** {@return a string's text} */
  default String text() {
    return this instanceof Scalar(String text) ? text : "";
  }

  /** {@return a whole number, which etcd may have written as a string, or 0} */
  default long number() {
    try {
      return Long.parseLong(text());
    } catch (NumberFormatException notOne) {
      return 0;
    }
  }

  /** {@return whether it is there} */
  default boolean isPresent() {
    return !equals(NOTHING);
  }

  /** An object. */
  record Fields(Map<String, Json> fields) implements Json {}

  /** A list. */
  record Items(List<Json> items) implements Json {}

  /** A string, a number, or a truth value, as it was written. */
  record Scalar(String text) implements Json {}

  /** Null, and what is absent. */
  record Nothing() implements Json {}

  /** Reads one text from left to right. */
  final class JsonReader {
    private static final int DEEPEST = 32;

    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
      this.text = text;
    }

    Json whole() throws MalformedJsonException {
      Json value = value();
      skipBlanks();
      if (at < text.length()) {
        throw malformed("nothing more");
      }
      return value;
    }

    private Json value() throws MalformedJsonException {
      if (++depth > DEEPEST) {
        throw malformed("at most " + DEEPEST + " levels");
      }
      Json value =
          switch (peek()) {
            case '{' -> object();
            case '[' -> list();
            case '"' -> new Scalar(string());
            default -> word();
          };
      depth--;
      return value;
    }

    private Json object() throws MalformedJsonException {
      Map<String, Json> fields = new LinkedHashMap<>();
      at++;
      if (isNext('}')) {
        return new Fields(fields);
      }
      do {
        if (peek() != '"') {
          throw malformed("a field's name");
        }
        String name = string();
        if (!isNext(':')) {
          throw malformed("':'");
        }
        fields.put(name, value());
      } while (isNext(','));
      if (!isNext('}')) {
        throw malformed("',' or '}'");
      }
      return new Fields(fields);
    }

    private Json list() throws MalformedJsonException {
      List<Json> items = new ArrayList<>();
      at++;
      if (isNext(']')) {
        return new Items(items);
      }
      do {
        items.add(value());
      } while (isNext(','));
      if (!isNext(']')) {
        throw malformed("',' or ']'");
      }
      return new Items(items);
    }

    private String string() throws MalformedJsonException {
      StringBuilder out = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return out.toString();
        }
        out.append(c == '\\' ? escaped() : c);
      }
      throw malformed("'\"'");
    }

    private char escaped() throws MalformedJsonException {
      at++;
      char c = at < text.length() ? text.charAt(at) : 0;
      return switch (c) {
        case '"', '\\', '/' -> c;
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> hex();
        default -> throw malformed("an escape");
      };
    }

    private char hex() throws MalformedJsonException {
      if (at + 4 >= text.length()) {
        throw malformed("four hexadecimal digits");
      }
      int value = 0;
      for (int i = 0; i < 4; i++) {
        int digit = Character.digit(text.charAt(++at), 16);
        if (digit < 0) {
          throw malformed("four hexadecimal digits");
        }
        value = value * 16 + digit;
      }
      return (char) value;
    }

    private Json word() throws MalformedJsonException {
      int start = at;
      while (at < text.length() && isOfAWord(text.charAt(at))) {
        at++;
      }
      String word = text.substring(start, at);
      if (word.equals("null")) {
        return NOTHING;
      }
      if (word.equals("true")
          || word.equals("false")
          || word.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
        return new Scalar(word);
      }
      at = start;
      throw malformed("a value");
    }

    private static boolean isOfAWord(char c) {
      return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || "+-.E".indexOf(c) >= 0;
    }

    private boolean isNext(char c) throws MalformedJsonException {
      if (peek() != c) {
        return false;
      }
      at++;
      return true;
    }

    private char peek() throws MalformedJsonException {
      skipBlanks();
      if (at == text.length()) {
        throw malformed("more");
      }
      return text.charAt(at);
    }

    private void skipBlanks() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private MalformedJsonException malformed(String expected) {
      return new MalformedJsonException(at, text.length(), expected);
    }
  }
}
