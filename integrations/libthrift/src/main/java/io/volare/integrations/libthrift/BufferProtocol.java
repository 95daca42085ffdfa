package io.volare.integrations.libthrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TMap;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TSet;
import org.apache.thrift.protocol.TStruct;
import org.jspecify.annotations.Nullable;

/**
 * The Binary protocol as Apache's generated code speaks it, straight from and to the buffer of a
 * frame. Reading goes through {@link ThriftReader}, so that every length, size and depth is checked
 * as it is for code of our own compiler. For one struct, on one thread.
 */
final class BufferProtocol extends TProtocol {
  private static final TStruct STRUCT = new TStruct();
  private static final TField STOP = new TField("", (byte) 0, (short) 0);

  private final @Nullable ThriftReader in;
  private final @Nullable ThriftWriter out;
  private int collections;

  private BufferProtocol(
      LimitsOnly transport, @Nullable ThriftReader in, @Nullable ThriftWriter out) {
    super(transport);
    this.in = in;
    this.out = out;
  }

  static BufferProtocol reading(ThriftReader in) {
    return new BufferProtocol(LimitsOnly.of(in.limits()), in, null);
  }

  static BufferProtocol writing(ThriftWriter out) {
    return new BufferProtocol(LimitsOnly.of(ThriftLimits.DEFAULT), null, out);
  }

  private ThriftReader in() {
    return requireNonNull(in, "this protocol only writes");
  }

  private ThriftWriter out() {
    return requireNonNull(out, "this protocol only reads");
  }

  private static UnsupportedOperationException noMessages() {
    return new UnsupportedOperationException("messages are the transport's, structs are ours");
  }

  @Override
  public int getMinSerializedSize(byte type) {
    return 0; // the reader has checked
  }

  // reading

  @Override
  public TMessage readMessageBegin() {
    throw noMessages();
  }

  @Override
  public void readMessageEnd() {
    throw noMessages();
  }

  @Override
  public TStruct readStructBegin() {
    in().structBegin();
    return STRUCT;
  }

  @Override
  public void readStructEnd() {
    in().structEnd();
  }

  @Override
  public TField readFieldBegin() {
    int field = in().readFieldBegin();
    return field == 0
        ? STOP
        : new TField("", ThriftReader.fieldType(field), (short) ThriftReader.fieldId(field));
  }

  @Override
  public void readFieldEnd() {}

  @Override
  public TMap readMapBegin() {
    long map = in().readMapBegin();
    enterCollection();
    return new TMap(ThriftReader.keyType(map), ThriftReader.elementType(map), size(map));
  }

  @Override
  public void readMapEnd() {
    collections--;
  }

  @Override
  public TList readListBegin() {
    long list = in().readListBegin();
    enterCollection();
    return new TList(ThriftReader.elementType(list), size(list));
  }

  @Override
  public void readListEnd() {
    collections--;
  }

  @Override
  public TSet readSetBegin() {
    long set = in().readSetBegin();
    enterCollection();
    return new TSet(ThriftReader.elementType(set), size(set));
  }

  @Override
  public void readSetEnd() {
    collections--;
  }

  private static int size(long collection) {
    return ThriftReader.size(collection);
  }

  /** Collections of collections are counted apart from structs, which the reader counts. */
  private void enterCollection() {
    int limit = in().limits().nesting();
    if (++collections > limit) {
      throw new ThriftProtocolException(
          "thrift: collections nested " + collections + " deep (limit: " + limit + ")");
    }
  }

  @Override
  public boolean readBool() {
    return in().readBool();
  }

  @Override
  public byte readByte() {
    return in().readByte();
  }

  @Override
  public short readI16() {
    return in().readI16();
  }

  @Override
  public int readI32() {
    return in().readI32();
  }

  @Override
  public long readI64() {
    return in().readI64();
  }

  @Override
  public UUID readUuid() {
    return in().readUuid();
  }

  @Override
  public double readDouble() {
    return in().readDouble();
  }

  @Override
  public String readString() {
    return in().readString();
  }

  @Override
  public ByteBuffer readBinary() {
    return ByteBuffer.wrap(in().readBinary());
  }

  // writing

  @Override
  public void writeMessageBegin(TMessage message) {
    throw noMessages();
  }

  @Override
  public void writeMessageEnd() {
    throw noMessages();
  }

  @Override
  public void writeStructBegin(TStruct struct) {}

  @Override
  public void writeStructEnd() {}

  @Override
  public void writeFieldBegin(TField field) {
    out().writeFieldBegin(field.type, field.id);
  }

  @Override
  public void writeFieldEnd() {}

  @Override
  public void writeFieldStop() {
    out().writeFieldStop();
  }

  @Override
  public void writeMapBegin(TMap map) {
    out().writeMapBegin(map.keyType, map.valueType, map.size);
  }

  @Override
  public void writeMapEnd() {}

  @Override
  public void writeListBegin(TList list) {
    out().writeListBegin(list.elemType, list.size);
  }

  @Override
  public void writeListEnd() {}

  @Override
  public void writeSetBegin(TSet set) {
    out().writeSetBegin(set.elemType, set.size);
  }

  @Override
  public void writeSetEnd() {}

  @Override
  public void writeBool(boolean value) {
    out().writeBool(value);
  }

  @Override
  public void writeByte(byte value) {
    out().writeByte(value);
  }

  @Override
  public void writeI16(short value) {
    out().writeI16(value);
  }

  @Override
  public void writeI32(int value) {
    out().writeI32(value);
  }

  @Override
  public void writeI64(long value) {
    out().writeI64(value);
  }

  @Override
  public void writeUuid(UUID value) {
    out().writeUuid(value);
  }

  @Override
  public void writeDouble(double value) {
    out().writeDouble(value);
  }

  @Override
  public void writeString(String value) {
    out().writeString(value);
  }

  @Override
  public void writeBinary(ByteBuffer value) {
    out().writeBinary(value);
  }
}
