package io.volare.examples.trace;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Spans as a tree, each below its parent. */
final class SpanTree {
  private static final Comparator<SpanData> BY_START =
      Comparator.comparingLong(SpanData::getStartEpochNanos).thenComparing(SpanData::getName);

  private final List<SpanData> spans;
  private final StringBuilder text = new StringBuilder();

  private SpanTree(List<SpanData> spans) {
    this.spans = spans.stream().sorted(BY_START).toList();
  }

  /** {@return the tree of each trace} */
  static String of(List<SpanData> spans) {
    SpanTree tree = new SpanTree(spans);
    for (SpanData root : tree.spans) {
      if (!root.getParentSpanContext().isValid()) {
        tree.text.append("trace ").append(root.getTraceId()).append('\n');
        tree.add(root, 1);
      }
    }
    return tree.text.toString();
  }

  private void add(SpanData span, int depth) {
    double millis = (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1e6;
    String line = "  ".repeat(depth) + span.getName();
    String kind = span.getKind().name().toLowerCase(Locale.ROOT);
    text.append(String.format(Locale.ROOT, "%-36s %s %8.2f ms%n", line, kind, millis));
    for (SpanData child : spans) {
      if (child.getParentSpanId().equals(span.getSpanId())) {
        add(child, depth + 1);
      }
    }
  }
}
