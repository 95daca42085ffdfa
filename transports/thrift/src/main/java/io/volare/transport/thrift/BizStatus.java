package io.volare.transport.thrift;

import io.volare.rpc.BusinessException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A business error as TTHeader carries it: {@code biz-status}, {@code biz-message} and {@code
 * biz-extra}, a JSON object of strings.
 */
final class BizStatus {
  static final String STATUS = "biz-status";
  static final String MESSAGE = "biz-message";
  static final String EXTRA = "biz-extra";

  private BizStatus() {}

  static void write(BusinessException error, TtHeader header) {
    header.value(STATUS, Integer.toString(error.status()));
    String message = error.getMessage();
    header.value(MESSAGE, message == null ? "" : message);
    if (!error.extra().isEmpty()) {
      header.value(EXTRA, json(error.extra()));
    }
  }

  /** {@return the error in a reply's header, or null if there is none} */
  static @Nullable BusinessException read(TtHeader header) {
    String status = header.value(STATUS);
    if (status == null || status.equals("0")) {
      return null;
    }
    int code;
    try {
      code = Integer.parseInt(status);
    } catch (NumberFormatException noNumber) {
      return null;
    }
    String message = header.value(MESSAGE);
    String extra = header.value(EXTRA);
    return code == 0
        ? null
        : new BusinessException(
            code, message == null ? "" : message, extra == null ? Map.of() : parse(extra));
  }

  private static String json(Map<String, String> extra) {
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
      } else if (c < 0x20) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** {@return the strings in a JSON object of strings; what is not one gives what came before} */
  private static Map<String, String> parse(String json) {
    Map<String, String> extra = new LinkedHashMap<>();
    JsonStrings strings = new JsonStrings(json);
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

  /** The quoted strings of a JSON text, one after another. */
  private static final class JsonStrings {
    private final String json;
    private int at;

    JsonStrings(String json) {
      this.json = json;
    }

    @Nullable String next() {
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
}
