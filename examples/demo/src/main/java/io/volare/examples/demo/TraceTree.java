package io.volare.examples.demo;

import io.volare.examples.demo.SpanFile.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A trace, read back from all processes. What a process answers hangs under what another asked;
 * what it asks hangs under what it answers, or under the root, whatever thread or attempt asked.
 *
 * @param spans of one trace
 */
record TraceTree(List<Line> spans) {
  static TraceTree of(String trace, List<Line> all) {
    return new TraceTree(all.stream().filter(span -> span.trace().equals(trace)).toList());
  }

  Set<String> processes() {
    return spans.stream().map(Line::process).collect(Collectors.toSet());
  }

  long count(String process, String kind) {
    return spans.stream()
        .filter(span -> span.process().startsWith(process) && span.kind().equals(kind))
        .count();
  }

  /** {@return what keeps it from being one tree with the right parents; empty if nothing does} */
  List<String> faults() {
    Map<String, Line> byId = new HashMap<>();
    spans.forEach(span -> byId.put(span.span(), span));
    List<String> faults = new ArrayList<>();
    int roots = 0;
    for (Line span : spans) {
      Line parent = byId.get(span.parent());
      if (parent == null && span.kind().equals("INTERNAL")) {
        roots++;
      } else if (!hangsRightly(span, parent)) {
        faults.add(span.process() + " " + span.kind() + " " + span.name() + " under " + parent);
      }
    }
    if (roots != 1) {
      faults.add(roots + " roots");
    }
    return faults;
  }

  private static boolean hangsRightly(Line span, @Nullable Line parent) {
    if (parent == null) {
      return false;
    }
    boolean sameProcess = span.process().equals(parent.process());
    return switch (span.kind()) {
      case "SERVER" ->
          !sameProcess && parent.kind().equals("CLIENT") && parent.name().equals(span.name());
      case "CLIENT" -> sameProcess && !parent.kind().equals("CLIENT");
      default -> false;
    };
  }

  @Override
  public String toString() {
    return spans.size() + " spans in " + processes().size() + " processes, faults: " + faults();
  }
}
