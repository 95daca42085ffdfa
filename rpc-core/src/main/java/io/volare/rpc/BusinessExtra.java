package io.volare.rpc;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The extras of a {@link BusinessException} as every wire carries them, TTHeader's and gRPC's: a
 * JSON object of strings, in ASCII as headers want it. Both directions belong to the transports.
 */
public final class BusinessExtra {
  private final String json;
  private int at;

  private BusinessExtra(String json) {
    this.json = json;
  }

  /** {@return {@code extra} as JSON} */
  public static String write(Map<String, String> extra) {
    StringBuilder out = new StringBuilder("{");
    extra.forEach((key, value) -> {
      out.append(out.length() > 1 ? "," : "");
      quote(out, key);
      out.append(':');
      quote(out, value);
    });
    return out.append('}').toString();
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7e) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** {@return the strings in a JSON object of strings; what is not one gives what came before} */
  public static Map<String, String> read(@Nullable CharSequence json) {
    Map<String, String> extra = new LinkedHashMap<>();
    if (json == null) {
      return extra;
    }
    BusinessExtra strings = new BusinessExtra(json.toString());
    String key = strings.next();
    while (key != null) {
      String value = strings.next();
      if (value == null) {
        return extra;
      }
      extra.put(key, value);
      key = strings.next();
    }
    return extra;
  }

  private @Nullable String next() {
    at = json.indexOf('"', at);
    if (at < 0) {
      at = json.length();
      return null;
    }
    StringBuilder out = new StringBuilder();
    for (at++; at < json.length() && json.charAt(at) != '"'; at++) {
      char c = json.charAt(at);
      out.append(c == '\\' && at + 1 < json.length() ? escaped() : c);
    }
    if (at >= json.length()) {
      return null;
    }
    at++;
    return out.toString();
  }

  private char escaped() {
    char c = json.charAt(++at);
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> unicode();
      default -> c;
    };
  }

  private char unicode() {
    if (at + 4 >= json.length()) {
      return '\ufffd';
    }
    int code = 0;
    for (int i = 1; i <= 4; i++) {
      int digit = Character.digit(json.charAt(at + i), 16);
      if (digit < 0) {
        return '\ufffd';
      }
      code = code << 4 | digit;
    }
    at += 4;
    return (char) code;
  }
}
