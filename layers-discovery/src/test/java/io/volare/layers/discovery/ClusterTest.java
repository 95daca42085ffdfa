package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Failure.Kind;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointSet;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which instance a call goes to. */
class ClusterTest {
  private static final Endpoint A = Endpoint.tcp("10.0.0.1", 1);
  private static final Endpoint B = Endpoint.tcp("10.0.0.2", 2);
  private static final Endpoint C = Endpoint.tcp("10.0.0.3", 3);

  private final ManualTime time = ManualTime.create();

  /** What the balancer was last asked to choose from; it takes the first. */
  private List<Endpoint> offered = List.of();

  private List<Candidate> offeredList = List.of();

  private final Cluster cluster =
      new Cluster(
          "inventory",
          DiscoveryConfig.of(StaticDiscovery.of("inventory"))
              .withTime(time)
              .withBalancer(candidates -> {
                offeredList = candidates;
                offered = candidates.stream().map(Candidate::endpoint).toList();
                return candidates.getFirst();
              }));

  private void know(Endpoint... endpoints) {
    cluster.update(new EndpointSet("inventory", List.of(endpoints)));
  }

  private static Tried tried(Endpoint... endpoints) {
    Tried tried = new Tried();
    List.of(endpoints).forEach(endpoint -> tried.add(endpoint.address()));
    return tried;
  }

  private Candidate pick(Endpoint... tried) {
    return cluster.pick(tried(tried), TestMethod.call());
  }

  /** Five failures in a row, and at most half of all may be out. */
  private void eject(Endpoint endpoint) {
    Candidate candidate = candidate(endpoint);
    for (int i = 0; i < 5; i++) {
      candidate.begin();
      if (candidate.end(true)) {
        cluster.eject(candidate);
      }
    }
    assertThat(candidate.isEjected(time.nanos())).isTrue();
  }

  private Candidate candidate(Endpoint wanted) {
    List<Endpoint> others = new ArrayList<>(List.of(A, B, C));
    others.remove(wanted);
    Candidate candidate = pick(others.toArray(Endpoint[]::new));
    assertThat(candidate.endpoint()).isEqualTo(wanted);
    return candidate;
  }

  @Test
  void offersAllToTheBalancerAndSendsTheCallToTheOneItTakes() {
    know(A, B, C);
    RpcContext call = TestMethod.call();

    Candidate picked = cluster.pick(new Tried(), call);

    assertThat(offered).containsExactly(A, B, C);
    assertThat(picked.endpoint()).isEqualTo(A);
    assertThat(call.endpoint()).isEqualTo(A);
  }

  @Test
  void offersThoseTheCallHasNotBeenTo() {
    know(A, B, C);

    pick(B);

    assertThat(offered).containsExactly(A, C);
  }

  @Test
  void offersAllAgainOnceTheCallHasBeenEverywhere() {
    know(A, B);

    pick(A, B);

    assertThat(offered).containsExactly(A, B);
  }

  @Test
  void leavesTheEjectedOutUntilTheirTimeIsOver() {
    know(A, B, C);
    eject(A);

    pick();
    assertThat(offered).containsExactly(B, C);
    time.advance(EjectionConfig.DEFAULT.ejectFor());
    pick();
    assertThat(offered).containsExactly(A, B, C);
  }

  @Test
  void goesToAnEjectedOneRatherThanWhereTheCallHasBeen() {
    know(A, B);
    eject(A);

    pick(B);

    assertThat(offered).containsExactly(A);
  }

  @Test
  void leavesOutWhatRefusesOrDrainsForASecond() {
    know(A, B, C);
    cluster.noticed(A, Signal.REFUSED);
    cluster.noticed(B, Signal.DRAINING);

    pick();
    assertThat(offered).containsExactly(C);
    time.advance(Duration.ofSeconds(1));
    pick();
    assertThat(offered).containsExactly(A, B, C);
  }

  @Test
  void leavesOutWhatRefusesAnewFromTheLastTimeOn() {
    know(A, B);
    cluster.noticed(A, Signal.REFUSED);
    time.advance(Duration.ofMillis(900));
    cluster.noticed(A, Signal.REFUSED);
    time.advance(Duration.ofMillis(900));

    pick();

    assertThat(offered).containsExactly(B);
  }

  @Test
  void goesToOneThatDrainsRatherThanNowhere() {
    know(A, B);
    cluster.noticed(A, Signal.DRAINING);

    pick(B);
    assertThat(offered).containsExactly(A);
    cluster.noticed(B, Signal.DRAINING);
    pick();
    assertThat(offered).containsExactly(A, B);
  }

  @Test
  void aConnectionThatWasLostSaysNothingOfTheInstance() {
    know(A, B);
    cluster.noticed(A, Signal.LOST);

    pick();

    assertThat(offered).containsExactly(A, B);
  }

  @Test
  void whatIsSaidOfInstancesOfOtherServicesCostsNothing() {
    know(A, B);
    pick();
    List<Candidate> all = offeredList;

    cluster.noticed(C, Signal.REFUSED);
    pick();
    assertThat(offeredList).as("the list itself, not one made for this call").isSameAs(all);
  }

  @Test
  void whatWasSaidOfAnInstanceIsForgottenOnceItIsGone() {
    know(A, B, C);
    cluster.noticed(C, Signal.REFUSED);
    know(A, B);
    pick();
    List<Candidate> all = offeredList;

    pick();
    assertThat(offeredList).isSameAs(all);
    know(A, B, C);
    pick();
    assertThat(offered).containsExactly(A, B, C);
  }

  @Test
  void neverGoesToAWeightOfZeroNotEvenForWantOfAnother() {
    know(A.withWeight(0), B);

    pick();
    assertThat(offered).containsExactly(B);
    pick(B);
    assertThat(offered).containsExactly(B);
    know(A.withWeight(0));
    assertThatThrownBy(this::pick)
        .isInstanceOfSatisfying(
            RpcException.class,
            none -> {
              assertThat(none.kind()).isEqualTo(Kind.UNAVAILABLE);
              assertThat(none.mayHaveExecuted()).isFalse();
            })
        .hasMessage("Inventory/GetItem: all instances of inventory have weight 0");
  }

  @Test
  void anUpdateKeepsWhatIsKnownOfThoseThatStay() {
    know(A, B, C);
    Candidate before = pick();
    eject(B);

    know(C, B, A);

    pick();
    assertThat(offered).containsExactly(C, A);
    assertThat(candidate(A)).isSameAs(before);
  }

  @Test
  void whoIsGoneIsNotGoneToAndComesBackAsANewOne() {
    know(A, B, C);
    eject(A);
    know(B, C);
    pick(B, C);
    assertThat(offered).containsExactly(B, C);

    know(A, B, C);

    pick();
    assertThat(offered).containsExactly(A, B, C);
  }

  @Test
  void anInstanceWithAnotherWeightOrOtherTagsIsANewOne() {
    know(A, B);
    eject(A);
    know(A.withTags(Map.of("version", "2")), B);

    pick();

    assertThat(offered).hasSize(2);
  }
}
