package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EndpointFeedTest {
  private final EndpointFeed feed = EndpointFeed.create();
  private final List<EndpointSet> heard = new CopyOnWriteArrayList<>();

  private static EndpointSet set(String... hosts) {
    return new EndpointSet("s", Stream.of(hosts).map(host -> Endpoint.tcp(host, 1)).toList());
  }

  @Test
  void aNewListenerHearsTheLastSetOnce() {
    feed.publish(set("a"));
    feed.publish(set("b"));

    EndpointFeed.Subscription subscription = feed.subscribe(heard::add);
    subscription.tell();
    subscription.tell();

    assertThat(heard).containsExactly(set("b"));
  }

  @Test
  void nothingIsToldBeforeSomethingIsKnown() {
    feed.subscribe(heard::add).tell();

    assertThat(heard).isEmpty();
  }

  @Test
  void anotherOrderIsNoNews() {
    feed.subscribe(heard::add);

    assertThat(feed.publish(set("a", "b"))).isTrue();
    assertThat(feed.publish(set("b", "a"))).isFalse();

    assertThat(heard).hasSize(1);
  }

  @Test
  void anEmptySetIsNewsOnce() {
    feed.subscribe(heard::add);

    assertThat(feed.publish(set())).isTrue();
    assertThat(feed.publish(set())).isFalse();
  }

  @Test
  void aClosedListenerHearsNothing() {
    EndpointFeed.Subscription subscription = feed.subscribe(heard::add);
    subscription.close();
    subscription.close();

    feed.publish(set("a"));
    subscription.tell();

    assertThat(heard).isEmpty();
    assertThat(feed.isWatched()).isFalse();
  }

  @Test
  void closingWaitsForTheListenerThatIsBeingTold() throws Exception {
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    EndpointFeed.Subscription subscription =
        feed.subscribe(set -> {
          telling.countDown();
          await(goOn);
          order.add("told");
        });
    Thread publishing = Thread.startVirtualThread(() -> feed.publish(set("a")));
    telling.await();

    Thread closing =
        Thread.startVirtualThread(() -> {
          subscription.close();
          order.add("closed");
        });
    while (closing.getState() != Thread.State.BLOCKED && order.isEmpty()) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    closing.join();
    publishing.join();

    assertThat(order).containsExactly("told", "closed");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
    }
  }
}
