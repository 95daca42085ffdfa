package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowEstimatorTest {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final long MILLISECOND = 1_000_000;

  private final WindowEstimator windows = new WindowEstimator(64 * KIB, 8 * MIB);
  private long now = 1;

  /** One round trip in which so much arrives. */
  private void roundTrip(long nanos, int bytes) {
    assertThat(windows.begins(now)).isTrue();
    windows.read(bytes);
    now += nanos;
    windows.ended(now);
  }

  @Test
  void aWindowThatIsFullOnEachRoundTripDoublesUntilItHoldsWhatTheWayDoes() {
    int way = 5 * MIB;
    for (int i = 0; i < 7; i++) {
      roundTrip(20 * MILLISECOND, Math.min(way, windows.targetBytes()));
    }

    assertThat(windows.targetBytes()).isBetween(way, 8 * MIB);
  }

  @Test
  void itNeverGrowsBeyondTheMost() {
    for (int i = 0; i < 7; i++) {
      roundTrip(20 * MILLISECOND, windows.targetBytes());
    }

    assertThat(windows.targetBytes()).isEqualTo(8 * MIB);
    assertThat(windows.begins(now)).as("whether it still asks").isFalse();
  }

  @Test
  void whatDoesNotFillTheWindowLeavesItAsItIs() {
    roundTrip(20 * MILLISECOND, 31 * KIB);

    assertThat(windows.targetBytes()).isEqualTo(64 * KIB);
  }

  @Test
  void moreInALongerTimeIsNoReasonToGrow() {
    roundTrip(20 * MILLISECOND, 64 * KIB);
    assertThat(windows.targetBytes()).isEqualTo(128 * KIB);
    roundTrip(80 * MILLISECOND, 128 * KIB);

    assertThat(windows.targetBytes()).isEqualTo(128 * KIB);
  }

  @Test
  void onlyOnePingIsOnItsWay() {
    assertThat(windows.begins(now)).isTrue();
    assertThat(windows.begins(now + 1_000 * MILLISECOND)).isFalse();
  }

  @Test
  void whereMeasuringChangesNothingItPausesForLongerAndLonger() {
    int asked = 0;
    for (int batch = 0; batch < 10_000; batch++) {
      windows.read(16 * KIB);
      if (windows.begins(now)) {
        asked++;
        now += MILLISECOND;
        windows.ended(now);
      }
    }

    assertThat(asked).as("pings for 10,000 batches, of which 16 are four windows").isLessThan(640);
  }

  @Test
  void growingEndsThePause() {
    for (int batch = 0; batch < 200; batch++) {
      windows.read(16 * KIB);
      if (windows.begins(now)) {
        windows.ended(now);
      }
    }
    while (!windows.begins(now)) {
      windows.read(16 * KIB);
    }
    windows.read(64 * KIB);
    windows.ended(now + MILLISECOND);

    assertThat(windows.targetBytes()).isEqualTo(128 * KIB);
    assertThat(windows.begins(now)).isTrue();
  }

  @Test
  void whoWantsNoPingsGetsNone() {
    windows.stop();

    assertThat(windows.begins(now)).isFalse();
  }

  @Test
  void whereWindowsMayNotGrowNothingIsMeasured() {
    assertThat(new WindowEstimator(64 * KIB, 64 * KIB).begins(now)).isFalse();
  }

  @Test
  void anAnswerThatNobodyAskedForIsIgnored() {
    windows.read(8 * MIB);
    windows.ended(now);

    assertThat(windows.targetBytes()).isEqualTo(64 * KIB);
  }
}
