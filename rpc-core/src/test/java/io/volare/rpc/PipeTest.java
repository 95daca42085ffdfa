package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.motore.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PipeTest {
  private final Pipe<String> pipe = Pipe.create("Inventory/Watch", 2, Deadline.NONE);

  @Test
  void givesMessagesInOrderAndThenTheEnd() throws Exception {
    pipe.sink().send("a");
    pipe.sink().send("b");
    pipe.sink().complete();

    List<String> received = new ArrayList<>();
    for (String message : pipe.source()) {
      received.add(message);
    }

    assertThat(received).containsExactly("a", "b");
    assertThat(pipe.source().receive()).isNull();
  }

  @Test
  void sendingBlocksWhileTheReaderHasNoRoom() throws Exception {
    pipe.sink().send("1");
    pipe.sink().send("2");
    var third =
        Services.callAsync(() -> {
          pipe.sink().send("3");
          return "sent";
        });

    assertThat(third.isDone()).isFalse();
    assertThat(pipe.source().receive()).isEqualTo("1");

    assertThat(third.join()).isEqualTo("sent");
  }

  @Test
  void theReaderGetsWhatWasSentBeforeTheFailure() throws Exception {
    pipe.sink().send("a");
    pipe.fail(RpcException.of(Kind.UNAVAILABLE, "Inventory/Watch: connection lost"));

    assertThat(pipe.source().receive()).isEqualTo("a");
    assertThatThrownBy(() -> pipe.source().receive()).hasMessageContaining("connection lost");
    assertThatThrownBy(() -> pipe.sink().send("b")).hasMessageContaining("connection lost");
  }

  @Test
  void waitingEndsAtTheDeadlineOnBothSides() throws Exception {
    Deadline soon = Deadline.after(Duration.ofMillis(20), Time.SYSTEM);
    Pipe<String> bounded = Pipe.create("Inventory/Watch", 1, soon);

    assertThatThrownBy(() -> bounded.source().receive())
        .isInstanceOfSatisfying(
            RpcException.class, late -> assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED))
        .hasMessageContaining("Inventory/Watch")
        .hasMessageContaining("waiting for a message");
    bounded.sink().send("fits");
    assertThatThrownBy(() -> bounded.sink().send("does not"))
        .hasMessageContaining("waiting for room in a stream of 1 messages");
  }

  @Test
  void aClosedReaderStopsTheSender() throws Exception {
    pipe.sink().send("a");
    pipe.source().close();

    assertThatThrownBy(() -> pipe.sink().send("b"))
        .isInstanceOfSatisfying(
            RpcException.class, gone -> assertThat(gone.kind()).isEqualTo(Kind.CANCELLED));
    assertThat(pipe.source().receive()).isNull();
  }

  @Test
  void interruptionEndsTheWaiting() {
    var receiving = Services.callAsync(() -> pipe.source().receive());

    receiving.cancel();

    assertThatThrownBy(receiving::join)
        .isInstanceOf(java.util.concurrent.CancellationException.class);
  }

  @Test
  void refusesToSendAfterTheEnd() {
    pipe.sink().complete();

    assertThatThrownBy(() -> pipe.sink().send("late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("completed before");
  }
}
