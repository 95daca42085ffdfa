package com.example;

import io.volare.layers.timeout.CallTimeoutException;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.motore.CallContext;
import io.volare.motore.Service;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A function that is stopped. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Service<CallContext, String, String> quick =
        TimeoutLayer.<CallContext, String, String>of(TimeoutConfig.perCall(Duration.ofMillis(20)))
            .wrap((context, request) -> {
              never.await();
              return request;
            });
    try {
      quick.call(CallContext.standalone("endless"), "x");
      throw new AssertionError("no timeout");
    } catch (CallTimeoutException late) {
      System.out.println(late.getMessage());
    }
  }
}
