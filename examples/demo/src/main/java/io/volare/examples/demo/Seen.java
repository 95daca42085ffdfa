package io.volare.examples.demo;

import io.opentelemetry.api.trace.Span;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.RpcContext;

/** What a service can tell about the call that it is answering. */
final class Seen {
  /** A persistent value under this key keeps every hop from printing. */
  static final String QUIET = "quiet";

  private Seen() {}

  static String by(String service) {
    MetaInfo metaInfo = MetaInfo.current();
    RpcContext context = RpcContext.current();
    String line =
        "%s: caller=%s tenant=%s hop=%s deadline=%d ms trace=%s"
            .formatted(
                service,
                context.caller(),
                metaInfo.persistent("tenant"),
                metaInfo.upstream("hop"),
                context.deadline().remainingNanos() / 1_000_000,
                Span.current().getSpanContext().getTraceId());
    if (metaInfo.persistent(QUIET) == null) {
      System.out.println("  " + line);
    }
    return line;
  }
}
