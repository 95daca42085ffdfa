package io.volare.integrations.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OpenTelemetrySnippetsTest {
  @RegisterExtension static final OpenTelemetryExtension OTEL = OpenTelemetryExtension.create();

  private interface Inventory {
    int count(String item);
  }

  @Test
  void aroundACallAndInAHandler() {
    Tracer tracer = OTEL.getOpenTelemetry().getTracer("test");
    // @start region="use"
    MetaInfoPropagation propagation = MetaInfoPropagation.of(OTEL.getOpenTelemetry());

    // a handler: the caller's span is the parent of what starts here
    Inventory handler = item -> propagation.receive(() -> counted(tracer, item));

    // around a call: the current span goes along
    Inventory caller = item -> propagation.send(() -> handler.count(item));
    // @end

    assertThat(caller.count("apple")).isEqualTo(5);
    assertThat(OTEL.getSpans()).hasSize(1);
  }

  private static int counted(Tracer tracer, String item) {
    Span span = tracer.spanBuilder("count").startSpan();
    try (Scope current = span.makeCurrent()) {
      return item.length();
    } finally {
      span.end();
    }
  }
}
