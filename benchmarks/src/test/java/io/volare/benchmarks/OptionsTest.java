package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void whatNothingAskedForIsRefused() {
    Options options = Options.of("--port", "1", "--prot", "2");
    options.number("port", 0);

    assertThatIllegalArgumentException()
        .isThrownBy(options::requireAllKnown)
        .withMessage("options: [prot] (expected: some of [port])");
  }

  @Test
  void aWrongChoiceNamesTheRightOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.of("--mode", "fast").choice("mode", Hosting.Mode.VIRTUAL))
        .withMessageContaining("--mode: fast (expected: one of [default, virtual, affine, inline");
  }

  @Test
  void aVariantSaysServerFormLoopsAndCheckout() {
    Variant variant = Variant.of("inline+framed+nio@/elsewhere");

    assertThat(variant.command())
        .containsExactly("thrift-server", "--mode", "inline", "--loops", "nio");
    assertThat(variant.protocol()).isEqualTo(Protocol.FRAMED);
    assertThat(variant.checkout()).isEqualTo("/elsewhere");
  }

  @Test
  void libthriftIsSentWhatItUnderstands() {
    assertThat(Variant.of("libthrift-pool").protocol()).isEqualTo(Protocol.FRAMED);
  }

  @Test
  void serversOfGrpcAreSentGrpc() {
    assertThat(Variant.of("grpc-affine").command())
        .containsExactly("grpc-server", "--mode", "affine");
    assertThat(Variant.of("grpc-affine").protocol()).isEqualTo(Protocol.GRPC);
    assertThat(Variant.of("bare-h2").protocol()).isEqualTo(Protocol.GRPC);
  }

  @Test
  void whatHeadersCarryIsSaidWithTheFigures() {
    assertThat(Comparison.describe(Options.of())).isEqualTo("4 connections x 25 in flight, 1024 B");
    assertThat(Comparison.describe(Options.of("--deadline", "5000", "--metainfo", "2")))
        .isEqualTo(
            "4 connections x 25 in flight, 1024 B,"
                + " a deadline of 5000 ms where the wire has one, 2 entries of metainfo");
  }
}
