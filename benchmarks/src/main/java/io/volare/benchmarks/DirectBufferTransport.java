package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.transport.TEndpointTransport;
import org.apache.thrift.transport.TTransportException;

/** Lets libthrift read from and write to a Netty buffer, as Volare's codecs do. */
final class DirectBufferTransport extends TEndpointTransport {
  private final ByteBuf buffer;

  private DirectBufferTransport(ByteBuf buffer) throws TTransportException {
    super(TConfiguration.DEFAULT);
    this.buffer = buffer;
  }

  static DirectBufferTransport of(ByteBuf buffer) {
    try {
      return new DirectBufferTransport(buffer);
    } catch (TTransportException impossible) { // nothing was read yet
      throw new IllegalStateException(impossible);
    }
  }

  /** Starts a message: what it may take is counted anew. */
  void begin() throws TTransportException {
    resetConsumedMessageSize(-1);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws TTransportException {
    if (buffer.readableBytes() < length) {
      throw new TTransportException(TTransportException.END_OF_FILE);
    }
    buffer.readBytes(target, offset, length);
    return length;
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    buffer.writeBytes(source, offset, length);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void open() {}

  @Override
  public void close() {}
}
