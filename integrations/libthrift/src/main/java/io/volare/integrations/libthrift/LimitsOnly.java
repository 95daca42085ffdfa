package io.volare.integrations.libthrift;

import io.volare.codec.thrift.ThriftLimits;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.TTransportException;

/** A transport without bytes: libthrift asks it for its limits, which are ours. */
final class LimitsOnly extends TTransport {
  private static final LimitsOnly DEFAULT = new LimitsOnly(ThriftLimits.DEFAULT);

  private final TConfiguration configuration;

  private LimitsOnly(ThriftLimits limits) {
    configuration = new TConfiguration(Integer.MAX_VALUE, Integer.MAX_VALUE, limits.nesting());
  }

  static LimitsOnly of(ThriftLimits limits) {
    return limits.equals(ThriftLimits.DEFAULT) ? DEFAULT : new LimitsOnly(limits);
  }

  @Override
  public TConfiguration getConfiguration() {
    return configuration;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void open() {}

  @Override
  public void close() {}

  @Override
  public int read(byte[] buffer, int offset, int length) throws TTransportException {
    throw noBytes();
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws TTransportException {
    throw noBytes();
  }

  private static TTransportException noBytes() {
    return new TTransportException("this transport has no bytes: the protocol reads the frame");
  }

  @Override
  public void updateKnownMessageSize(long size) {}

  @Override
  public void checkReadBytesAvailable(long bytes) {}

  @Override
  public void resetMessageSizeAndConsumedBytes(long size) {}
}
