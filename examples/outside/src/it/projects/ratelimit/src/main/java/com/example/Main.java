package com.example;

import io.volare.layers.ratelimit.LimitedException;
import io.volare.layers.ratelimit.RateLimitConfig;
import io.volare.layers.ratelimit.RateLimitLayer;
import io.volare.motore.CallContext;
import io.volare.motore.Service;

/** A function that is limited for each key. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    RateLimitConfig<CallContext> once =
        RateLimitConfig.perSecond(0.001).withKey(CallContext::target);
    Service<CallContext, String, String> rare =
        RateLimitLayer.<CallContext, String, String>of(once).wrap((context, request) -> request);
    rare.call(CallContext.standalone("one"), "x");
    rare.call(CallContext.standalone("another"), "x");
    try {
      rare.call(CallContext.standalone("one"), "x");
      throw new AssertionError("no limit");
    } catch (LimitedException refused) {
      System.out.println(refused.getMessage());
    }
  }
}
