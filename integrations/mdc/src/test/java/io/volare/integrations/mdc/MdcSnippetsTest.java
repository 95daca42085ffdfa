package io.volare.integrations.mdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import io.volare.transport.inprocess.InProcessServer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class MdcSnippetsTest {
  @Test
  void onAServer() {
    InProcessServer.Builder builder = InProcessServer.builder("inventory");
    // @start region="use"
    MdcConfig config = MdcConfig.EMPTY.withPersistent("tenant").withTrace();
    builder.layer(MdcLayer.of(config));
    // @end

    assertThat(builder.build())
        .hasToString("in-process:inventory [] behind Mdc[tenant, trace_id, parent_span_id]");
  }

  @Test
  void aroundATask() throws Exception {
    MdcConfig config = MdcConfig.EMPTY.withPersistent("tenant");
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    String[] seen = new String[1];
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      MetaInfo.call(
          mine,
          () -> {
            // @start region="wrap"
            MetaInfoMdc mdc = MetaInfoMdc.of(config);
            Runnable task = mdc.wrap(() -> seen[0] = MDC.get("tenant"));
            // @end
            return executor.submit(Carrying.wrap(task)).get();
          });
    }

    assertThat(seen[0]).isEqualTo("blue");
  }
}
