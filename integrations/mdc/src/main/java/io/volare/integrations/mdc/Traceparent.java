package io.volare.integrations.mdc;

import org.jspecify.annotations.Nullable;

/**
 * The ids in a W3C {@code traceparent}, of any version.
 *
 * <p>Source: W3C Trace Context, section 3.2.2.
 */
final class Traceparent {
  private static final int TRACE_AT = 3;
  private static final int SPAN_AT = 36;
  private static final int FLAGS_AT = 53;

  private Traceparent() {}

  /** {@return the 32 digits of the trace, or null if there are none} */
  static @Nullable String traceId(@Nullable String traceparent) {
    return traceparent != null && isValid(traceparent)
        ? traceparent.substring(TRACE_AT, SPAN_AT - 1)
        : null;
  }

  /** {@return the 16 digits of the span, or null if there are none} */
  static @Nullable String spanId(@Nullable String traceparent) {
    return traceparent != null && isValid(traceparent)
        ? traceparent.substring(SPAN_AT, FLAGS_AT - 1)
        : null;
  }

  /** What came over the wire goes into logs only if it is digits. */
  private static boolean isValid(String traceparent) {
    return traceparent.length() >= FLAGS_AT + 2
        && traceparent.charAt(TRACE_AT - 1) == '-'
        && traceparent.charAt(SPAN_AT - 1) == '-'
        && traceparent.charAt(FLAGS_AT - 1) == '-'
        && isHex(traceparent, TRACE_AT, SPAN_AT - 1)
        && isHex(traceparent, SPAN_AT, FLAGS_AT - 1);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
