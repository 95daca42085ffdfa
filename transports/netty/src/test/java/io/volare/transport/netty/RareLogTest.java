package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RareLogTest {
  private final ManualTime time = ManualTime.create();
  private final List<String> written = new CopyOnWriteArrayList<>();
  private final RareLog log = new RareLog(new Recorder(), time);

  @Test
  void writesOnceASecondAndSaysHowManyWereLeftOut() {
    log.warn(() -> "first");
    log.warn(() -> "second");
    time.advance(Duration.ofMillis(999));
    log.warn(() -> "third");
    time.advance(Duration.ofMillis(1));
    log.warn(() -> "fourth");
    time.advance(Duration.ofSeconds(1));
    log.warn(() -> "fifth");

    assertThat(written)
        .containsExactly("WARNING first", "WARNING fourth (and 2 like it before)", "WARNING fifth");
  }

  @Test
  void makesNoTextForWhatItLeavesOut() {
    List<String> made = new ArrayList<>();
    for (String text : List.of("a", "b", "c")) {
      log.warn(() -> {
        made.add(text);
        return text;
      });
    }

    assertThat(made).containsExactly("a");
  }

  @Test
  void whatAPeerSentCannotForgeALine() {
    log.warn(() -> "name: a\r\nWARNING all is well\u001b[2J\u0085");

    assertThat(written)
        .containsExactly("WARNING name: a\\u000d\\u000aWARNING all is well\\u001b[2J\\u0085");
  }

  @Test
  void countsEveryWarningOfManyThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            for (int n = 0; n < 1_000; n++) {
              log.warn(() -> "x");
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    time.advance(Duration.ofSeconds(1));
    log.warn(() -> "last");

    assertThat(written).containsExactly("WARNING x", "WARNING last (and 15999 like it before)");
  }

  /** Keeps what is written. */
  private final class Recorder implements System.Logger {
    @Override
    public String getName() {
      return "recorder";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      written.add(level + " " + message);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      assertThat(parameters).as("with any, a peer's text would be a format").isNull();
      written.add(level + " " + format);
    }
  }
}
