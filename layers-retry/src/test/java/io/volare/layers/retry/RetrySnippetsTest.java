package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import org.junit.jupiter.api.Test;

class RetrySnippetsTest {
  @Test
  void aroundAFunction() throws Exception {
    Service<CallContext, String, String> flaky = (context, name) -> "hello " + name;
    // @start region="use"
    Service<CallContext, String, String> steady =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RetryLayer.of(RetryConfig.create()))
            .service(flaky);

    String greeting = steady.call(CallContext.standalone("greeting").idempotent(true), "Ada");
    // @end

    assertThat(greeting).isEqualTo("hello Ada");
  }
}
