package io.volare.layers.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.CallContext;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimitLayerTest {
  private final ManualTime time = ManualTime.create();
  private final List<String> rejected = new ArrayList<>();
  private final RateLimitListener listener =
      new RateLimitListener() {
        @Override
        public void rejected(CallContext context) {
          rejected.add(context.target());
        }
      };

  private Service<CallContext, String, String> limited(RateLimitConfig<CallContext> config) {
    return RateLimitLayer.<CallContext, String, String>of(
            config.withTime(time).withListener(listener))
        .wrap((context, request) -> request);
  }

  private static CallContext call(String target) {
    return CallContext.standalone(target);
  }

  @Test
  void refusesWhatIsOverTheRateAndSaysWhenToComeBack() throws Exception {
    Service<CallContext, String, String> service =
        limited(RateLimitConfig.<CallContext>perSecond(10).withBurst(1));
    service.call(call("Inventory/GetItem"), "1");

    assertThatThrownBy(() -> service.call(call("Inventory/GetItem"), "2"))
        .isInstanceOfSatisfying(
            LimitedException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
              assertThat(refused.mayHaveExecuted()).isFalse();
              assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(100));
            })
        .hasMessage("Inventory/GetItem: refused, over the rate (limit: 10 calls/s)");
    assertThat(rejected).containsExactly("Inventory/GetItem");
  }

  @Test
  void countsEachKeyByItself() throws Exception {
    Service<CallContext, String, String> service =
        limited(
            RateLimitConfig.<CallContext>perSecond(1).withBurst(1).withKey(CallContext::target));

    service.call(call("a"), "1");
    service.call(call("b"), "1");

    assertThatThrownBy(() -> service.call(call("a"), "2")).isInstanceOf(LimitedException.class);
  }

  @Test
  void aMillionKeysStayWithinTheStatedHeap() throws Exception {
    Service<CallContext, String, String> service =
        limited(
            RateLimitConfig.<CallContext>perSecond(1)
                .withKey(CallContext::target)
                .withMaxKeys(100_000));
    long before = usedHeap();

    for (int i = 0; i < 1_000_000; i++) {
      service.call(call("caller " + i), "x");
    }

    long grown = usedHeap() - before;
    assertThat(grown).isLessThan(64L * 1024 * 1024);
    assertThat(service.call(call("one more"), "x")).isEqualTo("x");
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void interruptionPassesUntouched() {
    InterruptedException cancelled = new InterruptedException();
    Service<CallContext, String, String> service =
        RateLimitLayer.<CallContext, String, String>of(RateLimitConfig.perSecond(1))
            .wrap((context, request) -> {
              throw cancelled;
            });

    assertThatThrownBy(() -> service.call(call("a"), "1")).isSameAs(cancelled);
  }

  @Test
  void saysItsLimit() {
    assertThat(RateLimitLayer.of(RateLimitConfig.perSecond(100))).hasToString("RateLimit[100/s]");
  }
}
