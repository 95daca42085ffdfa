package io.volare.pilota.maven;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtocClassifierTest {
  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, aarch64, linux-aarch_64",
    "Linux, riscv64,",
    "Mac OS X, aarch64, osx-aarch_64",
    "Mac OS X, x86_64, osx-x86_64",
    "Windows 11, amd64, windows-x86_64",
    "Windows 11, aarch64, windows-x86_64",
    "FreeBSD, amd64,",
  })
  void namesWhatMavenCentralHas(String os, String arch, String classifier) {
    assertThat(ProtocClassifier.of(os, arch)).isEqualTo(classifier);
  }
}
