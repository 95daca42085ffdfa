package io.volare.layers.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TelemetryLayerTest {
  @RegisterExtension static final OpenTelemetryExtension OTEL = OpenTelemetryExtension.create();

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {
    static Method of(String service) {
      return new Method(service, "call", MethodDescriptor.Kind.UNARY, true);
    }
  }

  private final InProcessServer inventory =
      server("inventory", request -> request.equals("fail") ? fail() : "served " + request, true);

  private static Object fail() {
    throw RpcException.of(Kind.INTERNAL, "broken");
  }

  private interface Handler {
    Object answer(Object request) throws Exception;
  }

  private static InProcessServer server(String name, Handler handler, boolean traced) {
    InProcessServer.Builder builder =
        InProcessServer.builder(name)
            .service(
                new ServiceBinding(
                    name,
                    Map.of("call", Method.of(name)),
                    (context, request) -> handler.answer(request)));
    if (traced) {
      builder.layer(TelemetryLayer.of(TelemetryConfig.of(OTEL.getOpenTelemetry())));
    }
    InProcessServer server = builder.build();
    server.start();
    return server;
  }

  private static RpcClient client(String name, boolean traced) {
    RpcClient.Builder builder = RpcClient.builder(name).caller("test");
    if (traced) {
      builder.layer(TelemetryLayer.of(TelemetryConfig.of(OTEL.getOpenTelemetry())));
    }
    return builder.transport(InProcessClient.to(name));
  }

  @AfterEach
  void stop() {
    inventory.stop();
  }

  private static SpanData span(String name, SpanKind kind) {
    return OTEL.getSpans().stream()
        .filter(span -> span.getName().equals(name) && span.getKind() == kind)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theServersSpanIsTheChildOfTheClients() throws Exception {
    client("inventory", true).call(Method.of("inventory"), "1");

    SpanData client = span("inventory/call", SpanKind.CLIENT);
    SpanData server = span("inventory/call", SpanKind.SERVER);
    assertThat(server.getTraceId()).isEqualTo(client.getTraceId());
    assertThat(server.getParentSpanId()).isEqualTo(client.getSpanId());
  }

  @Test
  void aTraceGoesOnThroughAHopThatMakesNoSpans() throws Exception {
    InProcessServer orders =
        server(
            "orders",
            request -> client("inventory", false).call(Method.of("inventory"), request),
            false);
    try {
      client("orders", true).call(Method.of("orders"), "1");
    } finally {
      orders.stop();
    }

    assertThat(span("inventory/call", SpanKind.SERVER).getParentSpanId())
        .isEqualTo(span("orders/call", SpanKind.CLIENT).getSpanId());
  }

  @Test
  void aCarriedThreadContinuesTheTraceOfTheCallItWorksFor() throws Exception {
    InProcessServer orders = server("orders", TelemetryLayerTest::inAnotherThread, true);
    try {
      client("orders", true).call(Method.of("orders"), "1");
    } finally {
      orders.stop();
    }

    List<String> traces = OTEL.getSpans().stream().map(SpanData::getTraceId).distinct().toList();
    assertThat(traces).hasSize(1);
    assertThat(span("inventory/call", SpanKind.CLIENT).getParentSpanId())
        .isEqualTo(span("orders/call", SpanKind.SERVER).getSpanId());
  }

  private static Object inAnotherThread(Object request) throws Exception {
    try (ExecutorService executor = Carrying.executor(Executors.newSingleThreadExecutor())) {
      Callable<Object> call = () -> client("inventory", true).call(Method.of("inventory"), request);
      return executor.submit(call).get();
    }
  }

  @Test
  void theSpanIsCurrentInsideAndAFailureMarksIt() {
    assertThatThrownBy(() -> client("inventory", true).call(Method.of("inventory"), "fail"))
        .isInstanceOf(RpcException.class);

    SpanData server = span("inventory/call", SpanKind.SERVER);
    assertThat(server.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(server.getAttributes().asMap()).containsValue("INTERNAL").containsValue("test");
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
    assertThat(MetaInfo.currentOrNull()).isNull();
  }
}
