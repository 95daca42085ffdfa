package io.volare.examples.demo;

import io.opentelemetry.api.trace.Span;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.rpc.RpcContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a service can tell about the call that it is answering. */
final class Seen {
  /** A persistent value under this key keeps every hop from printing. */
  static final String QUIET = "quiet";

  private static final Pattern DEADLINE = Pattern.compile("deadline=(\\d+) ms");

  private Seen() {}

  /** {@return what was left of the deadline, by a line of {@link #by}} */
  static long deadlineMillis(String line) {
    Matcher found = DEADLINE.matcher(line);
    return found.find() ? Long.parseLong(found.group(1)) : Long.MAX_VALUE;
  }

  private static String left(Deadline deadline) {
    return deadline.isFinite() ? deadline.remainingNanos() / 1_000_000 + " ms" : "none";
  }

  static String by(String service) {
    MetaInfo metaInfo = MetaInfo.current();
    RpcContext context = RpcContext.current();
    String line =
        "%s: caller=%s tenant=%s hop=%s deadline=%s trace=%s"
            .formatted(
                service,
                context.caller(),
                metaInfo.persistent("tenant"),
                metaInfo.upstream("hop"),
                left(context.deadline()),
                Span.current().getSpanContext().getTraceId());
    if (metaInfo.persistent(QUIET) == null) {
      System.out.println("  " + line);
    }
    return line;
  }
}
