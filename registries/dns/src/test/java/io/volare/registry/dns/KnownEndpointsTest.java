package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KnownEndpointsTest {
  private static final long SECOND = 1_000_000_000L;

  private final KnownEndpoints known = new KnownEndpoints(Duration.ofSeconds(30));

  private static List<Ranked> hosts(int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> ranked(0, "10.0.0." + n)).toList();
  }

  private static Ranked ranked(int priority, String host) {
    return new Ranked(priority, Endpoint.tcp(host, 1));
  }

  private List<String> inForce() {
    return known.inForce().stream().map(one -> ((Address.Tcp) one.address()).host()).toList();
  }

  @Test
  void takesTheFirstAnswerAtOnce() {
    assertThat(known.isNothingYet()).isTrue();

    known.learn(hosts(1, 3), 0);

    assertThat(inForce()).containsExactly("10.0.0.1", "10.0.0.2");
    assertThat(known.isNothingYet()).isFalse();
  }

  @Test
  void replacesAllAddressesAtOnceWhenAsManyCome() {
    known.learn(hosts(1, 2), 0);
    known.learn(hosts(9, 10), SECOND);

    assertThat(inForce()).containsExactly("10.0.0.9");
  }

  @Test
  void halfOfTheInstancesMayGoAtOnce() {
    known.learn(hosts(1, 5), 0);
    known.learn(hosts(1, 3), SECOND);

    assertThat(inForce()).hasSize(2);
    assertThat(known.isInDoubt()).isFalse();
  }

  @Test
  void keepsWhatAnAnswerOfLessThanHalfLeavesOutAndUsesWhatItAdds() {
    known.learn(hosts(1, 5), 0);
    known.learn(hosts(9, 10), SECOND);

    assertThat(inForce())
        .containsExactlyInAnyOrder("10.0.0.9", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
    assertThat(known.isInDoubt()).isTrue();
  }

  @Test
  void anEmptyAnswerCountsAfterThreeMoreAndHalfAMinute() {
    known.learn(hosts(1, 3), 0);
    for (int second : new int[] {1, 11, 21, 30}) {
      known.learn(List.of(), second * SECOND);
      assertThat(inForce()).as("after %d s", second).hasSize(2);
    }

    known.learn(List.of(), 31 * SECOND);

    assertThat(inForce()).isEmpty();
    assertThat(known.isNothingYet()).isFalse();
    assertThat(known.isInDoubt()).isFalse();
  }

  @Test
  void halfAMinuteIsNotEnoughWithoutThreeMoreAnswers() {
    known.learn(hosts(1, 3), 0);
    known.learn(List.of(), SECOND);
    known.learn(List.of(), 60 * SECOND);
    known.learn(List.of(), 120 * SECOND);

    assertThat(inForce()).hasSize(2);
  }

  @Test
  void aGoodAnswerInBetweenEndsTheDoubt() {
    known.learn(hosts(1, 3), 0);
    for (int second = 0; second < 3; second++) {
      known.learn(List.of(), second * 20 * SECOND);
    }
    known.learn(hosts(1, 3), 60 * SECOND);
    known.learn(List.of(), 61 * SECOND);

    assertThat(inForce()).hasSize(2);
  }

  @Test
  void whileInDoubtWhatEarlierDoubtfulAnswersAddedDoesNotPileUp() {
    known.learn(hosts(1, 9), 0);
    for (int n = 0; n < 20; n++) {
      known.learn(hosts(100 + n, 101 + n), n);
    }

    assertThat(inForce()).hasSize(9);
  }

  @Test
  void anEmptyAnswerAtTheBeginningIsDoubtedToo() {
    known.learn(List.of(), 0);

    assertThat(known.isNothingYet()).isTrue();
    assertThat(known.isInDoubt()).isTrue();
  }

  @Test
  void onlyTheLowestPriorityIsInForce() {
    known.learn(List.of(ranked(20, "10.0.0.2"), ranked(10, "10.0.0.1")), 0);

    assertThat(inForce()).containsExactly("10.0.0.1");
  }

  @Test
  void theNextPriorityJoinsWhileTheLowerOneRefuses() {
    known.learn(List.of(ranked(1, "a"), ranked(1, "b"), ranked(2, "c"), ranked(3, "d")), 0);

    known.refuses(Address.tcp("a", 1));
    assertThat(inForce()).containsExactly("a", "b");
    known.refuses(Address.tcp("b", 1));
    assertThat(inForce()).containsExactly("a", "b", "c");
    known.refuses(Address.tcp("c", 1));
    assertThat(inForce()).containsExactly("a", "b", "c", "d");
    assertThat(known.accepts(Address.tcp("a", 1))).isTrue();
    assertThat(inForce()).containsExactly("a", "b");
  }

  @Test
  void whatIsNotKnownIsNoNews() {
    known.learn(hosts(1, 2), 0);

    assertThat(known.refuses(Address.tcp("elsewhere", 1))).isFalse();
    assertThat(known.accepts(Address.tcp("10.0.0.1", 1))).isFalse();
  }
}
