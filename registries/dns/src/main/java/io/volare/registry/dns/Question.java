package io.volare.registry.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * One question to DNS, and how to read the data of its records. Equal by name and type.
 *
 * @param name the whole name
 * @param kind which records, and how to read one
 * @param <T> what one record says
 */
record Question<T>(String name, Kind<T> kind) {
  static final Kind<String> A = new Kind<>(DnsRecordType.A, data -> address(data, 4));
  static final Kind<String> AAAA = new Kind<>(DnsRecordType.AAAA, data -> address(data, 16));
  static final Kind<Service> SRV = new Kind<>(DnsRecordType.SRV, Question::service);

  private static String address(ByteBuf data, int length) {
    if (data.readableBytes() != length) {
      throw new CorruptedFrameException(
          "an address of " + data.readableBytes() + " bytes (expected: " + length + ")");
    }
    byte[] bytes = new byte[length];
    data.readBytes(bytes);
    try {
      return NetUtil.toAddressString(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException lengthIsChecked) {
      throw new AssertionError(lengthIsChecked);
    }
  }

  private static Service service(ByteBuf data) {
    if (data.readableBytes() < 7) {
      throw new CorruptedFrameException(
          "an SRV record of " + data.readableBytes() + " bytes (expected: >= 7)");
    }
    return new Service(
        data.readUnsignedShort(),
        data.readUnsignedShort(),
        data.readUnsignedShort(),
        DefaultDnsRecordDecoder.decodeName(data));
  }

  @Override
  public String toString() {
    return name + " " + kind.type().name();
  }

  /**
   * Which records.
   *
   * @param type their type
   * @param reader reads the data of one
   */
  record Kind<T>(DnsRecordType type, Reader<T> reader) {}

  /** Reads the data of a record. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ByteBuf data);
  }

  /** What an SRV record says, as RFC 2782 names it. */
  record Service(int priority, int weight, int port, String target) {
    /** {@return whether it says that there is decidedly no such service} */
    boolean isNone() {
      return target.equals(".");
    }
  }

  /**
   * What DNS answered.
   *
   * @param values what the records say; empty if the name exists but has none
   * @param ttlSeconds how long that holds; the least of all records that led there
   */
  record Found<T>(java.util.List<T> values, long ttlSeconds) {}
}
