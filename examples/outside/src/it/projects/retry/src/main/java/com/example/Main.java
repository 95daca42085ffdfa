package com.example;

import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.motore.CallContext;
import io.volare.motore.Service;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A function that is tried twice. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    AtomicInteger tries = new AtomicInteger();
    RetryConfig lost =
        RetryConfig.create().withRetryable((context, failure) -> failure instanceof IOException);
    Service<CallContext, String, String> steady =
        RetryLayer.<CallContext, String, String>of(lost)
            .wrap((context, name) -> {
              if (tries.incrementAndGet() == 1) {
                throw new IOException("connection lost");
              }
              return "hello " + name;
            });

    String answer = steady.call(CallContext.standalone("greeting"), "Ada");

    if (!answer.equals("hello Ada") || tries.get() != 2) {
      throw new AssertionError(answer + " after " + tries + " tries");
    }
  }
}
