package io.volare.integrations.libthrift;

import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.TFieldIdEnum;
import org.apache.thrift.meta_data.FieldMetaData;

/** A struct that Apache generated: makes it, reads it and writes it. Immutable. */
record StructType(Class<?> type, Constructor<?> constructor, List<TFieldIdEnum> fields) {
  static StructType of(Class<?> type) {
    try {
      return new StructType(type, type.getConstructor(), fieldsOf(type));
    } catch (NoSuchMethodException absent) {
      throw new IllegalArgumentException(
          type.getName() + " (expected: a public constructor without arguments)", absent);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the class of a TBase, as the caller checked
  private static List<TFieldIdEnum> fieldsOf(Class<?> type) {
    Map<? extends TFieldIdEnum, FieldMetaData> fields =
        FieldMetaData.getStructMetaDataMap((Class) type);
    return new ArrayList<>(fields.keySet());
  }

  @SuppressWarnings("unchecked") // a generated struct takes its own fields only
  TBase<?, TFieldIdEnum> create() {
    return (TBase<?, TFieldIdEnum>) make(constructor);
  }

  /** {@return what {@code constructor} makes of {@code arguments}} */
  static Object make(Constructor<?> constructor, Object... arguments) {
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException thrown) {
      throw new IllegalArgumentException(
          constructor.getDeclaringClass().getName() + ": " + thrown.getCause(), thrown.getCause());
    } catch (ReflectiveOperationException refused) {
      throw new IllegalStateException(
          constructor.getDeclaringClass().getName() + " cannot be made: " + refused, refused);
    }
  }

  TBase<?, TFieldIdEnum> read(ThriftReader in) {
    TBase<?, TFieldIdEnum> struct = create();
    try {
      struct.read(BufferProtocol.reading(in));
    } catch (TException wrong) {
      throw new ThriftProtocolException(type.getSimpleName() + ": " + wrong.getMessage());
    }
    return struct;
  }

  static void write(TBase<?, ?> struct, ThriftWriter out) {
    try {
      struct.write(BufferProtocol.writing(out));
    } catch (TException wrong) {
      throw new IllegalArgumentException(
          struct.getClass().getSimpleName() + ": " + wrong.getMessage(), wrong);
    }
  }
}
