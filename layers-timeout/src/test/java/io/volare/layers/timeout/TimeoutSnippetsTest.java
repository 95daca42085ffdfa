package io.volare.layers.timeout;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Services;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeoutSnippetsTest {
  @Test
  void aroundAFunction() throws Exception {
    // @start region="use"
    Service<CallContext, String, String> quick =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofMillis(250))))
            .service(Services.of(name -> "hello " + name));

    String greeting = quick.call(CallContext.standalone("greeting"), "Ada");
    // @end

    assertThat(greeting).isEqualTo("hello Ada");
  }
}
