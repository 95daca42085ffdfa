package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams that are faster than their readers, for a moment, in a process with a small heap. */
@Timeout(120)
class GrpcStreamSoakTest {
  @Test
  void nothingIsLostAndWhatIsHeldHasABoundAndIsFreed() throws Exception {
    Process soak =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                GrpcStreamSoak.class.getName(),
                "--seconds",
                "1",
                "--rate",
                "20")
            .redirectErrorStream(true)
            .start();
    String said = new String(soak.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(soak.waitFor()).as(said).isZero();
    assertThat(said).contains("19988480 of 19988480 B came", "holds");
  }
}
