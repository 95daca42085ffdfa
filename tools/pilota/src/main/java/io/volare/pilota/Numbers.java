package io.volare.pilota;

/** Numbers as Thrift writes them. */
final class Numbers {
  private Numbers() {}

  /** {@return whether a word is a number: to Apache's compiler, true is 1 and false is 0} */
  static boolean isTruth(String text) {
    return text.equals("true") || text.equals("false");
  }

  static long integer(String text) {
    if (isTruth(text)) {
      return text.equals("true") ? 1 : 0;
    }
    String digits = text.startsWith("+") ? text.substring(1) : text;
    boolean negative = digits.startsWith("-");
    String magnitude = negative ? digits.substring(1) : digits;
    boolean hex = magnitude.startsWith("0x") || magnitude.startsWith("0X");
    String plain = hex ? magnitude.substring(2) : magnitude;
    return Long.parseLong(negative ? "-" + plain : plain, hex ? 16 : 10);
  }
}
