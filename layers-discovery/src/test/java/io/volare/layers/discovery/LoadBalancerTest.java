package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Endpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LoadBalancerTest {
  private final Candidate light = candidate(1, 100);
  private final Candidate heavy = candidate(2, 300);

  private static Candidate candidate(int host, int weight) {
    return new Candidate(
        Endpoint.tcp("10.0.0." + host, 9000).withWeight(weight), EjectionConfig.DEFAULT);
  }

  @Test
  void weightedRandomFollowsTheWeights() {
    LoadBalancer balancer = LoadBalancer.weightedRandom(new SplittableRandom(3));
    Map<Candidate, Integer> picked = new HashMap<>();

    for (int i = 0; i < 10_000; i++) {
      picked.merge(balancer.pick(List.of(light, heavy)), 1, Integer::sum);
    }

    assertThat(picked.get(heavy)).isBetween(7_200, 7_800);
  }

  @Test
  void ofTwoTheOneWithFewerCallsForItsWeightIsTaken() {
    LoadBalancer balancer = LoadBalancer.leastLoadedOfTwo(new SplittableRandom(3));
    heavy.begin();
    heavy.begin();

    assertThat(balancer.pick(List.of(light, heavy))).isSameAs(light);
    light.begin();
    assertThat(balancer.pick(List.of(light, heavy))).isSameAs(heavy);
  }
}
