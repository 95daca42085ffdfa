package io.volare.examples.executablejar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a JVM that was given the flags. The jar itself, without any, is run by {@code verify}. */
@Timeout(60)
class ExecutableJarTest {
  @Test
  void aLoopCarriesTheCall() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      ExecutableJar.main(new String[0]);
    } finally {
      System.setOut(console);
    }

    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("native code: may be loaded"),
            line -> assertThat(line).contains("[Place] on loop-affine virtual threads"),
            line ->
                assertThat(line).matches("answered by: VirtualThread\\[.*]/runnable@volare-.*"));
  }
}
