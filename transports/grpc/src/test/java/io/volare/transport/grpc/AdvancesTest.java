package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdvancesTest {
  private static final int MIB = 1 << 20;

  @Test
  void windowsThatGrowLeaveRoomForThoseOfOtherStreams() {
    Advances advances = new Advances(16 * MIB);

    for (int stream = 0; stream < 4; stream++) {
      int wanted = Math.min(8 * MIB, advances.share(4));
      assertThat(advances.widen(wanted)).isEqualTo(2 * MIB);
    }
    assertThat(advances.widen(1)).isZero();
  }

  @Test
  void aStreamThatIsAloneMayTakeHalfOfWhatAConnectionHas() {
    assertThat(new Advances(16 * MIB).share(1)).isEqualTo(8 * MIB);
    assertThat(new Advances(16 * MIB).share(0)).isEqualTo(8 * MIB);
  }
}
