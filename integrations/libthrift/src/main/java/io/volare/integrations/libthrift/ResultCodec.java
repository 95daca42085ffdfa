package io.volare.integrations.libthrift;

import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftResultCodec;
import io.volare.codec.thrift.ThriftWriter;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.TFieldIdEnum;
import org.jspecify.annotations.Nullable;

/**
 * The result of a method, as the struct that Apache generated for it: field 0 is the value, the
 * others are the declared exceptions.
 *
 * @param target names the method in messages
 * @param type the struct, null if the method is oneway
 */
record ResultCodec(String target, @Nullable StructType type)
    implements ThriftResultCodec<@Nullable Object> {
  @Override
  public @Nullable Object read(ThriftReader in) throws ApacheDeclaredException {
    if (type == null) {
      return null;
    }
    Object value = valueOf(type.read(in));
    if (value == null && hasValue()) {
      throw new ThriftProtocolException(
          target + ": the result holds nothing (expected: a value or a declared exception)");
    }
    return value;
  }

  /** {@return whether the method is not void} */
  boolean hasValue() {
    for (TFieldIdEnum field : fields()) {
      if (isValue(field)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isValue(TFieldIdEnum field) {
    return field.getThriftFieldId() == 0;
  }

  /**
   * {@return the value in a result, null if there is none}
   *
   * @throws ApacheDeclaredException if it holds an exception
   */
  @Nullable Object valueOf(TBase<?, TFieldIdEnum> result) throws ApacheDeclaredException {
    Object value = null;
    for (TFieldIdEnum field : fields()) {
      if (result.isSet(field)) {
        if (!isValue(field)) {
          throw new ApacheDeclaredException((TException) result.getFieldValue(field));
        }
        value = result.getFieldValue(field);
      }
    }
    return value;
  }

  private Iterable<TFieldIdEnum> fields() {
    return type == null ? java.util.List.of() : type.fields();
  }

  @Override
  public void write(@Nullable Object value, ThriftWriter out) {
    if (type == null) {
      return;
    }
    TBase<?, TFieldIdEnum> result = type.create();
    for (TFieldIdEnum field : fields()) {
      if (isValue(field) && value != null) {
        result.setFieldValue(field, value);
      }
    }
    StructType.write(result, out);
  }

  @Override
  public boolean writeDeclared(Throwable thrown, ThriftWriter out) {
    if (type == null || !(thrown instanceof ApacheDeclaredException declared)) {
      return false;
    }
    TBase<?, TFieldIdEnum> result = type.create();
    for (TFieldIdEnum field : fields()) {
      if (!isValue(field) && accepts(result, field, declared.declared())) {
        StructType.write(result, out);
        return true;
      }
    }
    return false;
  }

  /** Generated setters cast: what does not fit is not declared in this field. */
  private static boolean accepts(
      TBase<?, TFieldIdEnum> result, TFieldIdEnum field, TException declared) {
    try {
      result.setFieldValue(field, declared);
      return true;
    } catch (ClassCastException another) {
      return false;
    }
  }
}
