package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.Address;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoopsTest {
  @Test
  void areSharedByTheProcessAndPreferEpollWhereItLoads() {
    assertThat(Loops.shared()).isSameAs(Loops.shared());
    assertThat(Loops.shared().kind()).isEqualTo(Loops.Kind.EPOLL);
  }

  @ParameterizedTest
  @EnumSource(Loops.Kind.class)
  void runOnNamedDaemonThreadsThatAreKnown(Loops.Kind kind) throws Exception {
    try (Loops loops = Loops.create(kind, 1)) {
      CompletableFuture<Thread> thread = new CompletableFuture<>();
      CompletableFuture<Boolean> known = new CompletableFuture<>();
      loops
          .group()
          .execute(() -> {
            known.complete(Loops.isLoopThread());
            thread.complete(Thread.currentThread());
          });

      assertThat(thread.get().isDaemon()).isTrue();
      assertThat(thread.get().getName())
          .isEqualTo("volare-" + kind.name().toLowerCase(Locale.ROOT) + "-1");
      assertThat(known.get()).isTrue();
      assertThat(Loops.isLoopThread()).isFalse();
    }
  }

  @Test
  void endWhenTheyAreClosed() {
    Loops loops = Loops.create(Loops.Kind.NIO, 1);
    loops.close();
    assertThat(loops.group().isTerminated()).isTrue();
  }

  @Test
  void refuseWhatTheyCannotBe() {
    assertThatThrownBy(() -> Loops.create(0)).hasMessage("threads: 0 (expected: >= 1)");
    assertThatThrownBy(() -> Loops.shared().socketAddress(Address.inProcess("x")))
        .hasMessage("address: in-process:x (expected: a TCP port or a Unix domain socket)");
  }
}
