package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TriedTest {
  private static final Address A = Address.tcp("10.0.0.1", 1);

  private final Tried tried = new Tried();

  @Test
  void knowsNothingAtFirst() {
    assertThat(tried.isEmpty()).isTrue();
    assertThat(tried.contains(A)).isFalse();
  }

  @Test
  void knowsAnAddressByItsValueAndNoOther() {
    tried.add(A);

    assertThat(tried.isEmpty()).isFalse();
    assertThat(tried.contains(Address.tcp("10.0.0.1", 1))).isTrue();
    assertThat(tried.contains(Address.tcp("10.0.0.1", 2))).isFalse();
  }

  @Test
  void losesNoneOfThoseThatAttemptsAddAtTheSameTime() throws Exception {
    List<Thread> attempts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int port = 1 + i * 100;
      attempts.add(Thread.ofPlatform().start(() -> addAll(port)));
    }
    for (Thread attempt : attempts) {
      attempt.join();
    }

    for (int i = 1; i <= 800; i++) {
      assertThat(tried.contains(Address.tcp("10.0.0.1", i))).as("port " + i).isTrue();
    }
  }

  /** Each of them twice. */
  private void addAll(int firstPort) {
    for (int i = 0; i < 200; i++) {
      tried.add(Address.tcp("10.0.0.1", firstPort + i % 100));
    }
  }
}
