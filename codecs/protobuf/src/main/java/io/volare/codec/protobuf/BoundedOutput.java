package io.volare.codec.protobuf;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;

/** Writes behind what is in a buffer, up to so many bytes. Belongs to one thread. */
final class BoundedOutput extends OutputStream {
  private final ByteBuf out;
  private int left;

  BoundedOutput(ByteBuf out, int most) {
    this.out = out;
    left = most;
  }

  @Override
  public void write(int value) throws IOException {
    take(1);
    out.writeByte(value);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    take(length);
    out.writeBytes(bytes, offset, length);
  }

  private void take(int bytes) throws FullException {
    if (bytes > left) {
      throw new FullException();
    }
    left -= bytes;
  }

  /** More was written than may be. */
  static final class FullException extends IOException {
    private static final long serialVersionUID = 1;
  }
}
