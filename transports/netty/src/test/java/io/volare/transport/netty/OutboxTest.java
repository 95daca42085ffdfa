package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Outbox outbox = new Outbox(channel);
  private final List<String> posted = new ArrayList<>();

  @Test
  void postsInTheOrderOfAddingWhetherWrappedOrNot() {
    outbox.add((to, promise) -> posted.add("first"));
    outbox.add(new Note("second"));
    outbox.add((to, promise) -> posted.add("third"));

    channel.runPendingTasks();

    assertThat(posted).containsExactly("first", "second", "third");
  }

  @Test
  void anEnvelopeMayBeAddedAgainWhileItIsPosted() {
    Note note =
        new Note("again") {
          @Override
          public void post(Channel to, ChannelPromise promise) {
            super.post(to, promise);
            if (posted.size() < 3) {
              outbox.add(this);
            }
          }
        };
    outbox.add(note);
    outbox.add(new Note("other"));

    channel.runPendingTasks();

    assertThat(posted).containsExactly("again", "other", "again");
  }

  @Test
  void losesNothingThatManyThreadsAdd() throws Exception {
    int threads = 8;
    int each = 2_000;
    CountDownLatch added = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      Thread.ofVirtual()
          .start(() -> {
            for (int i = 0; i < each; i++) {
              outbox.add(new Note(thread + ":" + i));
            }
            added.countDown();
          });
    }
    added.await();

    channel.runPendingTasks();

    assertThat(posted).hasSize(threads * each).doesNotHaveDuplicates();
    for (int t = 0; t < threads; t++) {
      String prefix = t + ":";
      assertThat(posted.stream().filter(note -> note.startsWith(prefix)).toList())
          .isSortedAccordingTo((a, b) ->
              Integer.parseInt(a.substring(prefix.length()))
                  - Integer.parseInt(b.substring(prefix.length())));
    }
  }

  private class Note extends Outbox.Envelope {
    private final String text;

    Note(String text) {
      this.text = text;
    }

    @Override
    public void post(Channel to, ChannelPromise promise) {
      posted.add(text);
    }
  }
}
