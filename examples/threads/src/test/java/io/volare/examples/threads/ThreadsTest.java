package io.volare.examples.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  @Test
  void mainShowsWhatEachThreadSees() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Threads.main(new String[0]);
    } finally {
      System.setOut(console);
    }

    assertThat(
            printed
                .toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "this thread: tenant blue",
            "an executor as it is: nothing is bound",
            "the same executor, wrapped: tenant blue",
            "the same executor, one task wrapped: tenant blue",
            "a virtual thread as it is: nothing is bound",
            "a virtual thread with its task wrapped: tenant blue",
            "a fork that renames: tenant red",
            "another fork that renames: tenant green",
            "the thread that forked them: tenant blue",
            "a future's two stages on a wrapped executor: tenant blue, then tenant blue",
            "this thread, after all: tenant blue",
            "the response carries served-by: a fork",
            "outside the scope: nothing is bound");
  }
}
