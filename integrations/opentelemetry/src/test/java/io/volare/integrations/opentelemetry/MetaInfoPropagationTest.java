package io.volare.integrations.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MetaInfoPropagationTest {
  @RegisterExtension static final OpenTelemetryExtension OTEL = OpenTelemetryExtension.create();

  private static final TextMapPropagator W3C =
      TextMapPropagator.composite(
          W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance());

  private final Tracer tracer = OTEL.getOpenTelemetry().getTracer("by hand");
  private final MetaInfoPropagation propagation = MetaInfoPropagation.of(W3C);
  private final List<InProcessServer> running = new ArrayList<>();

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {
    static Method of(String service) {
      return new Method(service, "call", Kind.UNARY, true);
    }
  }

  private void serve(String name, Callable<Object> handler, boolean layered) {
    InProcessServer.Builder server =
        InProcessServer.builder(name)
            .service(
                new ServiceBinding(
                    name, Map.of("call", Method.of(name)), (context, request) -> handler.call()));
    if (layered) {
      server.layer(TelemetryLayer.of(TelemetryConfig.of(OTEL.getOpenTelemetry())));
    }
    InProcessServer built = server.build();
    built.start();
    running.add(built);
  }

  private static Object call(String name) throws Exception {
    return RpcClient.builder(name)
        .caller("test")
        .transport(InProcessClient.to(name))
        .call(Method.of(name), "request");
  }

  @AfterEach
  void stop() {
    running.forEach(InProcessServer::stop);
  }

  private <R> R inSpan(String name, Callable<R> action) throws Exception {
    Span span = tracer.spanBuilder(name).startSpan();
    try (Scope current = span.makeCurrent()) {
      return action.call();
    } finally {
      span.end();
    }
  }

  private static SpanData span(String name) {
    return OTEL.getSpans().stream()
        .filter(span -> span.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void assertChild(String child, String parent) {
    assertThat(span(child).getTraceId()).isEqualTo(span(parent).getTraceId());
    assertThat(span(child).getParentSpanId()).isEqualTo(span(parent).getSpanId());
  }

  @Test
  void aSpanOfTheHandlerIsTheChildOfTheCallersByHandOnBothSides() throws Exception {
    serve("last", () -> propagation.receive(() -> inSpan("counting", () -> "done")), false);

    Object answer = inSpan("asking", () -> propagation.send(() -> call("last")));

    assertThat(answer).isEqualTo("done");
    assertChild("counting", "asking");
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void aHopThatDoesNothingPassesTheTraceOn() throws Exception {
    serve("last", () -> propagation.receive(() -> inSpan("counting", () -> "done")), false);
    serve("middle", () -> call("last"), false);

    inSpan("asking", () -> propagation.send(() -> call("middle")));

    assertChild("counting", "asking");
  }

  @Test
  void byHandAndTheTelemetryLayerUnderstandEachOther() throws Exception {
    serve("last", () -> "done", true);
    serve("middle", () -> propagation.receive(() -> inSpan("by hand", this::askLast)), true);

    inSpan("asking", () -> propagation.send(() -> call("middle")));

    assertChild("middle/call", "asking");
    assertChild("by hand", "asking"); // what came from upstream, not the layer's own span
    assertChild("last/call", "by hand");
  }

  private Object askLast() throws Exception {
    return propagation.send(() -> call("last"));
  }

  @Test
  void theHeadersAreThoseOfW3c() {
    SpanContext span =
        SpanContext.create(
            "0af7651916cd43dd8448eb211c80319c",
            "b7ad6b7169203331",
            TraceFlags.getSampled(),
            TraceState.builder().put("vendor", "x").build());
    Context context =
        Context.root().with(Span.wrap(span)).with(Baggage.builder().put("user", "Ada L.").build());
    MetaInfo metaInfo = MetaInfo.create();

    propagation.inject(context, metaInfo);

    assertThat(metaInfo.transientValue("traceparent"))
        .isEqualTo("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assertThat(metaInfo.transientValue("tracestate")).isEqualTo("vendor=x");
    assertThat(metaInfo.transientValue("baggage")).isEqualTo("user=Ada%20L.");
  }

  @Test
  void chosenPersistentsTravelAsBaggageTooAndComeBackPersistent() throws Exception {
    MetaInfoPropagation tenants = propagation.withBaggage("tenant", "plan");
    List<String> seen = new ArrayList<>();
    serve(
        "last",
        () ->
            tenants.receive(() -> {
              seen.add(Baggage.current().getEntryValue("tenant"));
              seen.add(MetaInfo.current().persistent("plan"));
              seen.add(String.valueOf(MetaInfo.current().persistent("other")));
              return "done";
            }),
        false);
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    Context context =
        Context.root().with(Baggage.builder().put("plan", "gold").put("other", "x").build());

    try (Scope current = context.makeCurrent()) {
      MetaInfo.call(mine, () -> tenants.send(() -> call("last")));
    }

    assertThat(seen).containsExactly("blue", "gold", "null");
    assertThat(mine.transientValue("baggage")).isNull();
  }

  @Test
  void metainfoThatCameByItselfIsNotReplacedByBaggage() throws Exception {
    List<String> seen = new ArrayList<>();
    serve(
        "last",
        () ->
            propagation
                .withBaggage("tenant")
                .receive(() -> seen.add(MetaInfo.current().persistent("tenant"))),
        false);
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    Context context = Context.root().with(Baggage.builder().put("tenant", "red").build());

    try (Scope current = context.makeCurrent()) {
      MetaInfo.call(mine, () -> propagation.send(() -> call("last")));
    }

    assertThat(seen).containsExactly("blue");
  }

  @Test
  void sendingLeavesNothingBehindButTheDownstreamValues() throws Exception {
    serve(
        "last",
        () -> {
          MetaInfo.current().setBackward("served-by", "last");
          return "done";
        },
        false);
    MetaInfo mine = MetaInfo.create();

    MetaInfo.call(mine, () -> inSpan("asking", () -> propagation.send(() -> call("last"))));

    assertThat(mine.transientValue("traceparent")).isNull();
    assertThat(mine.downstream("served-by")).isEqualTo("last");
  }

  @Test
  void openTelemetrysExecutorCarriesMetainfo() throws Exception {
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    Callable<String> task =
        () ->
            MetaInfoPropagation.bound(() -> {
              MetaInfo.current().setPersistent("tenant", "changed in the fork");
              return MetaInfo.current().persistent("tenant");
            });
    try (ExecutorService plain = Executors.newSingleThreadExecutor()) {
      String seen =
          MetaInfo.call(
              mine,
              () -> {
                Context context = MetaInfoPropagation.carry(Context.current());
                mine.setPersistent("tenant", "changed later");
                Callable<String> first = MetaInfoPropagationTest::tenantCarried;
                assertThat(context.wrap(plain).submit(first).get()).isEqualTo("blue");
                assertThat(context.wrap(plain).submit(task).get()).startsWith("changed");
                assertThat(context.wrap(plain).submit(first).get()).isEqualTo("blue");
                return context.wrap(plain).submit(task).get();
              });

      assertThat(seen).isEqualTo("changed in the fork");
      assertThat(mine.persistent("tenant")).isEqualTo("changed later");
      Callable<Object> outside = () -> MetaInfoPropagation.bound(MetaInfo::currentOrNull);
      assertThat(plain.submit(outside).get()).isNull();
    }
  }

  private static String tenantCarried() {
    return MetaInfoPropagation.bound(() -> MetaInfo.current().persistent("tenant"));
  }

  @Test
  void receivingNeedsAHandler() {
    assertThatThrownBy(() -> propagation.receive(() -> "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no MetaInfo is bound");
  }
}
