package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rolling restarts of real processes, on a small scale. */
@Timeout(120)
class RestartsTest {
  @Test
  void noCallOverTtheaderIsLostByRestarts() throws Exception {
    List<SteadyLoad> loads =
        Restarts.run(new RestartOptions(2, 600, 200, RestartOptions.THRIFT), Peer.class);

    assertThat(loads).hasSize(4).allMatch(load -> load.sent() >= 600);
    for (SteadyLoad load : loads) {
      assertThat(load.holds()).as(load.summary()).isTrue();
    }
    assertThat(loads.get(0).answered()).isEqualTo(loads.get(0).sent());
  }

  @Test
  void noCallOverGrpcIsLostByRestarts() throws Exception {
    List<SteadyLoad> loads =
        Restarts.run(new RestartOptions(2, 600, 200, RestartOptions.GRPC), GrpcPeer.class);

    assertThat(loads).hasSize(2).allMatch(load -> load.sent() >= 600);
    for (SteadyLoad load : loads) {
      assertThat(load.answered()).as(load.summary()).isEqualTo(load.sent());
    }
  }
}
