package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FrameScannerTest {
  private static ByteBuf data(int length, int come) {
    return Unpooled.buffer().writeMedium(length).writeShort(0).writeInt(1).writeZero(come);
  }

  @Test
  void saysHowMuchOfAFrameIsMissing() {
    FrameScanner scanner = new FrameScanner(false);

    scanner.scan(data(100, 30));
    assertThat(scanner.missing()).isEqualTo(70);
    scanner.scan(Unpooled.buffer().writeZero(60));
    assertThat(scanner.missing()).isEqualTo(10);
    scanner.scan(Unpooled.wrappedBuffer(Unpooled.buffer().writeZero(10), data(20, 0)));
    assertThat(scanner.missing()).isEqualTo(20);
    scanner.scan(Unpooled.buffer().writeZero(20));
    assertThat(scanner.missing()).isZero();
  }

  @Test
  void doesNotCountWhatIsNoFrame() {
    FrameScanner scanner = new FrameScanner(true);

    assertThat(scanner.missing()).isZero(); // the preface
    scanner.scan(Unpooled.buffer().writeZero(24).writeMedium(100));
    assertThat(scanner.missing()).isZero(); // the header of a frame
  }
}
