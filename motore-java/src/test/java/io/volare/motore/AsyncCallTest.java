package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AsyncCallTest {
  private final CallContext context = CallContext.standalone("echo");

  @Test
  void runsOnAVirtualThreadAndBringsTheResponse() throws Exception {
    Service<CallContext, String, Boolean> service =
        Services.of(request -> Thread.currentThread().isVirtual());

    AsyncCall<Boolean> call = Services.callAsync(service, context, "x");

    assertThat(call.join()).isTrue();
    assertThat(call.isDone()).isTrue();
    assertThat(call.cancel()).as("too late").isFalse();
  }

  @Test
  void bringsAFailureAsItself() {
    IOException lost = new IOException("lost");
    AssertionError broken = new AssertionError("broken");

    assertThatThrownBy(Services.callAsync(() -> fail(lost))::join).isSameAs(lost);
    assertThatThrownBy(Services.callAsync(() -> fail(broken))::join).isSameAs(broken);
  }

  @Test
  void cancelInterruptsAndUnwindsThroughFinally() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch unwound = new CountDownLatch(1);
    AsyncCall<String> call =
        Services.callAsync(() -> {
          running.countDown();
          try {
            new CountDownLatch(1).await();
            return "never";
          } finally {
            unwound.countDown();
          }
        });
    running.await();

    assertThat(call.cancel()).isTrue();

    assertThat(unwound.await(5, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    assertThat(call.cancel()).as("again").isFalse();
  }

  @Test
  void givesUpWaitingWhileTheCallGoesOn() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    AsyncCall<String> call =
        Services.callAsync(() -> {
          answer.await();
          return "late";
        });

    assertThatThrownBy(() -> call.join(Duration.ofMillis(5))).isInstanceOf(TimeoutException.class);
    answer.countDown();

    assertThat(call.join(Duration.ofSeconds(5))).isEqualTo("late");
  }

  private static String fail(Throwable thrown) throws Exception {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (Exception) thrown;
  }
}
