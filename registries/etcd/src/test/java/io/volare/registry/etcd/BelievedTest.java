package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BelievedTest {
  private static final long SECOND = 1_000_000_000L;

  private final Believed believed = new Believed(Duration.ofSeconds(30));

  private void learn(int from, int to, boolean isReading, int second) {
    List<Endpoint> found =
        IntStream.range(from, to).mapToObj(n -> Endpoint.tcp("10.0.0." + n, 1)).toList();
    believed.learn(found, isReading, second * SECOND);
  }

  @Test
  void takesTheFirstReadingAtOnce() {
    learn(0, 3, true, 0);

    assertThat(believed.inForce()).hasSize(3);
    assertThat(believed.isNothingYet()).isFalse();
  }

  @Test
  void anEmptyFirstReadingIsDoubted() {
    learn(0, 0, true, 0);

    assertThat(believed.isNothingYet()).isTrue();
    assertThat(believed.isInDoubt()).isTrue();
  }

  @Test
  void noneIsBelievedAfterThreeMoreReadingsAndHalfAMinute() {
    learn(0, 3, true, 0);
    learn(0, 0, false, 1);
    for (int second : new int[] {11, 21, 30}) {
      learn(0, 0, true, second);
      assertThat(believed.inForce()).as("after %d s", second).hasSize(3);
    }

    learn(0, 0, true, 31);

    assertThat(believed.inForce()).isEmpty();
    assertThat(believed.isInDoubt()).isFalse();
  }

  @Test
  void whatIsHeardIsNoReading() {
    learn(0, 3, true, 0);
    for (int n = 0; n < 10; n++) {
      learn(0, 0, false, 10 * n + 1);
    }

    assertThat(believed.inForce()).hasSize(3);
  }

  @Test
  void instancesThatGoOneByOneAreALossTogether() {
    learn(0, 10, true, 0);
    for (int left = 9; left >= 1; left--) {
      learn(0, left, false, 1);
    }

    assertThat(believed.inForce()).hasSize(5);
    assertThat(believed.isInDoubt()).isTrue();
  }

  @Test
  void aSlowDeclineIsNone() {
    learn(0, 10, true, 0);
    for (int left = 9; left >= 1; left--) {
      learn(0, left, false, (10 - left) * 31);
    }

    assertThat(believed.inForce()).hasSize(1);
    assertThat(believed.isInDoubt()).isFalse();
  }

  @Test
  void aMoveToAsManyOthersIsNoLoss() {
    learn(0, 3, true, 0);
    learn(10, 13, true, 1);

    assertThat(believed.inForce()).hasSize(3).contains(Endpoint.tcp("10.0.0.10", 1));
  }

  @Test
  void whoComesDuringADoubtIsUsed() {
    learn(0, 9, true, 0);
    learn(20, 21, true, 1);

    assertThat(believed.inForce()).hasSize(10).contains(Endpoint.tcp("10.0.0.20", 1));
  }

  @Test
  void theDoubtEndsWhenTheyAreBack() {
    learn(0, 4, true, 0);
    learn(0, 1, true, 1);
    learn(0, 4, true, 2);

    assertThat(believed.inForce()).hasSize(4);
    assertThat(believed.isInDoubt()).isFalse();
  }
}
