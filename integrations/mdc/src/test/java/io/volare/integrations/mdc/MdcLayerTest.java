package io.volare.integrations.mdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What Logback writes beside a message. */
class MdcLayerTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final Method COUNT =
      new Method("inventory", "count", MethodDescriptor.Kind.UNARY, true);

  private final Logger log = (Logger) LoggerFactory.getLogger("handler");
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private InProcessServer server;

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {}

  @BeforeEach
  void start() {
    written.start();
    log.addAppender(written);
    MDC.clear();
  }

  @AfterEach
  void stop() {
    log.detachAppender(written);
    if (server != null) {
      server.stop();
    }
    assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
  }

  private void serve(MdcConfig config, Callable<Object> handler) {
    server =
        InProcessServer.builder("inventory")
            .layer(MdcLayer.of(config))
            .service(
                new ServiceBinding(
                    "inventory", Map.of("count", COUNT), (context, request) -> handler.call()))
            .build();
    server.start();
  }

  private static Object call(MetaInfo metaInfo) throws Exception {
    RpcClient client = RpcClient.builder("inventory").transport(InProcessClient.to("inventory"));
    return MetaInfo.call(metaInfo, () -> client.call(COUNT, "apple"));
  }

  private static MetaInfo blue() {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("tenant", "blue");
    metaInfo.setPersistent("password", "secret");
    metaInfo.setTransient("probe", "1");
    metaInfo.setTransient("traceparent", TRACE);
    return metaInfo;
  }

  private List<Map<String, String>> contexts() {
    return written.list.stream().map(ILoggingEvent::getMDCPropertyMap).toList();
  }

  @Test
  void whatIsChosenStandsBesideEveryLineOfTheHandlerAndNothingElse() throws Exception {
    serve(
        MdcConfig.EMPTY.withPersistent("tenant").withUpstream("probe").withTrace(),
        () -> {
          log.info("counting");
          return 1;
        });

    call(blue());

    assertThat(contexts())
        .containsExactly(
            Map.of(
                "tenant", "blue",
                "probe", "1",
                "trace_id", "0af7651916cd43dd8448eb211c80319c",
                "parent_span_id", "b7ad6b7169203331"));
  }

  @Test
  void whatACallDoesNotHaveIsLeftAlone() throws Exception {
    serve(
        MdcConfig.EMPTY.withPersistent("tenant").withTrace(),
        () -> {
          log.info("counting");
          return 1;
        });

    call(MetaInfo.create());

    assertThat(contexts()).containsExactly(Map.of());
  }

  @Test
  void noiseInTheTraceHeaderStaysOutOfTheLog() throws Exception {
    serve(
        MdcConfig.EMPTY.withTrace(),
        () -> {
          log.info("counting");
          return 1;
        });
    for (String noise :
        List.of(
            "x",
            TRACE.replace('a', '\n'),
            TRACE.replace('-', '_'),
            TRACE.substring(0, 54),
            TRACE.replace("0af7", "0AF7"))) {
      MetaInfo metaInfo = MetaInfo.create();
      metaInfo.setTransient("traceparent", noise);
      call(metaInfo);
    }

    assertThat(contexts()).hasSize(5).allSatisfy(each -> assertThat(each).isEmpty());
  }

  @Test
  void noValueBeginsALineOfTheLog() {
    MetaInfo forged = MetaInfo.create();
    forged.setPersistent("tenant", "blue\r\nERROR all is lost\u001b[0m");
    MetaInfoMdc mdc = MetaInfoMdc.of(MdcConfig.EMPTY.withPersistent("tenant"));

    String seen = MetaInfo.call(forged, () -> mdc.call(() -> MDC.get("tenant")));

    assertThat(seen).isEqualTo("blue??ERROR all is lost?[0m");
  }

  @Test
  void aClientsLayerPutsBackWhatStoodThereBefore() throws Exception {
    serve(MdcConfig.EMPTY, () -> 1);
    Map<String, String> during = new HashMap<>();
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(MdcLayer.of(MdcConfig.EMPTY.withPersistent("tenant")))
            .layer(inner ->
                (context, request) -> {
                  during.putAll(MDC.getCopyOfContextMap());
                  return inner.call(context, request);
                })
            .transport(InProcessClient.to("inventory"));
    MDC.put("tenant", "before");
    MDC.put("other", "stays");

    MetaInfo.call(blue(), () -> client.call(COUNT, "apple"));

    assertThat(during).containsOnly(Map.entry("tenant", "blue"), Map.entry("other", "stays"));
    assertThat(MDC.getCopyOfContextMap())
        .containsOnly(Map.entry("tenant", "before"), Map.entry("other", "stays"));
    MDC.clear();
  }

  @Test
  void aFailureAlsoPutsBack() {
    MetaInfoMdc mdc = MetaInfoMdc.of(MdcConfig.EMPTY.withPersistent("tenant"));
    MDC.put("tenant", "before");

    assertThatThrownBy(() ->
            MetaInfo.run(
                blue(),
                mdc.wrap(() -> {
                  throw RpcException.of(io.volare.motore.Failure.Kind.INTERNAL, MDC.get("tenant"));
                })))
        .hasMessage("blue");

    assertThat(MDC.get("tenant")).isEqualTo("before");
    MDC.clear();
  }

  @Test
  void aValueThatFailsLeavesNothingBehind() {
    MetaInfoMdc mdc =
        MetaInfoMdc.of(
            MdcConfig.EMPTY
                .withPersistent("tenant")
                .with(
                    "broken",
                    metaInfo -> {
                      throw new IllegalStateException("broken");
                    }));

    assertThatThrownBy(() -> MetaInfo.call(blue(), () -> mdc.call(() -> "x"))).hasMessage("broken");
  }

  @Test
  void aCarriedTaskLogsWithTheCallItWorksFor() throws Exception {
    MetaInfoMdc mdc = MetaInfoMdc.of(MdcConfig.EMPTY.withPersistent("tenant"));
    try (ExecutorService executor = Carrying.executor(Executors.newSingleThreadExecutor())) {
      Callable<String> task = mdc.wrapCallable(() -> MDC.get("tenant"));

      assertThat(MetaInfo.call(blue(), () -> executor.submit(task)).get()).isEqualTo("blue");
      assertThat(executor.submit(task).get()).isNull();
    }
  }
}
