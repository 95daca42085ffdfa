package io.volare.integrations.libthrift;

import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import org.apache.thrift.TBase;

/** The arguments of a method, as the struct that Apache generated for them. */
record ArgsCodec(StructType type) implements ThriftCodec<Object> {
  @Override
  public Object read(ThriftReader in) {
    return type.read(in);
  }

  @Override
  public void write(Object value, ThriftWriter out) {
    StructType.write((TBase<?, ?>) value, out);
  }
}
