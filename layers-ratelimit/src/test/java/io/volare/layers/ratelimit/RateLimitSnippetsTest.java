package io.volare.layers.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import org.junit.jupiter.api.Test;

class RateLimitSnippetsTest {
  @Test
  void aroundAFunction() throws Exception {
    // @start region="use"
    Service<CallContext, String, String> limited =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RateLimitLayer.of(RateLimitConfig.perSecond(100)))
            .layer(ConcurrencyLimitLayer.of(ConcurrencyLimitConfig.of(16)))
            .service((context, name) -> "hello " + name);
    // @end

    assertThat(limited.call(CallContext.standalone("greeting"), "Ada")).isEqualTo("hello Ada");
  }
}
