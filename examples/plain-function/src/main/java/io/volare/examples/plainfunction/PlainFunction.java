package io.volare.examples.plainfunction;

import io.volare.layers.ratelimit.RateLimitConfig;
import io.volare.layers.ratelimit.RateLimitLayer;
import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.layers.retry.Retryable;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Services;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A price lookup that is limited, bounded in time and retried: no RPC anywhere. */
public final class PlainFunction {
  private PlainFunction() {}

  /** Looks one price up twice; the second time is over the rate. */
  public static void main(String[] arguments) throws Exception {
    AtomicInteger tries = new AtomicInteger();
    Services.Function<String, String> lookup =
        item -> {
          if (tries.incrementAndGet() == 1) {
            throw new IOException("connection reset");
          }
          return item + " costs 12.50";
        };

    Retryable connectionLost = (context, failure) -> failure instanceof IOException;
    ServiceBuilder<CallContext, String, String> stack =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RateLimitLayer.of(RateLimitConfig.perSecond(0.001))) // counts calls, not tries
            .layer(TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofSeconds(2)))) // all tries
            .layer(RetryLayer.of(RetryConfig.create().withRetryable(connectionLost)));
    Service<CallContext, String, String> prices = stack.service(Services.of(lookup));

    System.out.println("stack: " + stack);
    System.out.println(prices.call(CallContext.standalone("price lookup"), "tea"));
    System.out.println("tries: " + tries);
    try {
      prices.call(CallContext.standalone("price lookup"), "tea");
    } catch (Exception refused) {
      System.out.println("refused: " + refused.getMessage());
    }
  }
}
