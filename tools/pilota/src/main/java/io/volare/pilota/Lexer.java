package io.volare.pilota;

import io.volare.pilota.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts an IDL into tokens and keeps its comments. */
final class Lexer {
  private static final String SYMBOLS = "{}()<>[],;:=*&";

  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private String doc = "";
  private int at;
  private int line = 1;
  private int lineStart;

  private Lexer(String file, String text) {
    this.file = file;
    this.text = text;
  }

  static List<Token> tokens(String file, String text) throws IdlException {
    Lexer lexer = new Lexer(file, text.startsWith("\ufeff") ? text.substring(1) : text);
    lexer.run();
    return lexer.tokens;
  }

  private void run() throws IdlException {
    while (skipBlanksAndComments()) {
      Position position = position();
      char c = text.charAt(at);
      if (Character.isLetter(c) || c == '_') {
        add(Kind.NAME, name(), position);
      } else if (isNumberStart(c)) {
        number(position);
      } else if (c == '"' || c == '\'') {
        add(Kind.STRING, string(c, position), position);
      } else if (SYMBOLS.indexOf(c) >= 0) {
        at++;
        add(Kind.SYMBOL, String.valueOf(c), position);
      } else {
        throw new IdlException(position, "unexpected character '" + c + "'");
      }
    }
    add(Kind.END, "", position());
  }

  private void add(Kind kind, String token, Position position) {
    tokens.add(new Token(kind, token, doc, position));
    doc = "";
  }

  private Position position() {
    int end = text.indexOf('\n', lineStart);
    String whole = text.substring(lineStart, end < 0 ? text.length() : end);
    return new Position(file, line, at - lineStart + 1, whole.replace("\r", "").replace('\t', ' '));
  }

  private boolean skipBlanksAndComments() throws IdlException {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        at++;
        line++;
        lineStart = at;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '#' || text.startsWith("//", at)) {
        lineComment(c == '#' ? 1 : 2);
      } else if (text.startsWith("/*", at)) {
        blockComment();
      } else {
        return true;
      }
    }
    return false;
  }

  private void lineComment(int mark) {
    int end = text.indexOf('\n', at);
    end = end < 0 ? text.length() : end;
    String comment = text.substring(at + mark, end).replaceFirst("^[/!]", "").strip();
    doc = doc.isEmpty() ? comment : doc + "\n" + comment;
    at = end;
  }

  private void blockComment() throws IdlException {
    Position start = position();
    int end = text.indexOf("*/", at + 2);
    if (end < 0) {
      throw new IdlException(start, "a comment that is not closed (expected: */)");
    }
    StringBuilder comment = new StringBuilder();
    for (String commentLine : text.substring(at + 2, end).split("\n", -1)) {
      String stripped = commentLine.strip().replaceFirst("^\\*+ ?", "");
      if (!stripped.isEmpty() || comment.length() > 0) {
        comment.append(comment.length() > 0 ? "\n" : "").append(stripped);
      }
    }
    doc = comment.toString().strip();
    for (; at < end + 2; at++) {
      if (text.charAt(at) == '\n') {
        line++;
        lineStart = at + 1;
      }
    }
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }

  private boolean isNumberStart(char c) {
    char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    return Character.isDigit(c)
        || c == '.' && Character.isDigit(next)
        || (c == '-' || c == '+') && (Character.isDigit(next) || next == '.');
  }

  private void number(Position position) throws IdlException {
    int start = at++;
    while (at < text.length() && isNumberPart(text.charAt(at), text.charAt(at - 1), start)) {
      at++;
    }
    String number = text.substring(start, at);
    boolean hex = number.matches("[-+]?0[xX][0-9a-fA-F]+");
    if (!hex && !number.matches("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?")) {
      throw new IdlException(position, "a number that is none: " + number);
    }
    boolean whole = hex || number.matches("[-+]?\\d+");
    add(whole ? Kind.INTEGER : Kind.DOUBLE, number, position);
  }

  private boolean isNumberPart(char c, char before, int start) {
    boolean hex = text.startsWith("0x", start) || text.startsWith("0X", start);
    hex |= text.startsWith("0x", start + 1) || text.startsWith("0X", start + 1);
    return Character.isLetterOrDigit(c)
        || c == '.'
        || (c == '-' || c == '+') && !hex && (before == 'e' || before == 'E');
  }

  private String string(char quote, Position position) throws IdlException {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != quote; at++) {
      char c = text.charAt(at);
      if (c == '\n') {
        throw new IdlException(position, "a string over a line's end (expected: " + quote + ")");
      }
      value.append(c == '\\' && at + 1 < text.length() ? escaped(text.charAt(++at), position) : c);
    }
    if (at >= text.length()) {
      throw new IdlException(position, "a string that is not closed (expected: " + quote + ")");
    }
    at++;
    return value.toString();
  }

  private static char escaped(char c, Position position) throws IdlException {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case '"', '\'', '\\' -> c;
      default ->
          throw new IdlException(
              position,
              "escape \\" + c + " in a string (expected: \\n, \\r, \\t, \\\\, \\\" or \\')");
    };
  }
}
