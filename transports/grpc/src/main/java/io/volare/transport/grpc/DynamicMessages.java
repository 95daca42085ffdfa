package io.volare.transport.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Parser;

/**
 * The few message types of the services that come with the server, described by hand: so that the
 * transport needs neither a compiler of IDLs to be built nor a jar for them to run.
 */
final class DynamicMessages {
  private DynamicMessages() {}

  static FileDescriptor file(FileDescriptorProto file, FileDescriptor... uses) {
    try {
      return FileDescriptor.buildFrom(file, uses);
    } catch (DescriptorValidationException wrong) {
      throw new IllegalStateException(wrong);
    }
  }

  static DescriptorProto message(String name, FieldDescriptorProto... fields) {
    return DescriptorProto.newBuilder()
        .setName(name)
        .addAllField(java.util.List.of(fields))
        .build();
  }

  static FieldDescriptorProto field(String name, int number, Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(Label.LABEL_OPTIONAL)
        .build();
  }

  static FieldDescriptorProto field(String name, int number, Type type, String typeName) {
    return field(name, number, type).toBuilder().setTypeName(typeName).build();
  }

  static FieldDescriptorProto repeated(FieldDescriptorProto field) {
    return field.toBuilder().setLabel(Label.LABEL_REPEATED).build();
  }

  static Parser<DynamicMessage> parser(Descriptor type) {
    return DynamicMessage.getDefaultInstance(type).getParserForType();
  }

  static Descriptor type(FileDescriptor file, String name) {
    return java.util.Objects.requireNonNull(file.findMessageTypeByName(name), name);
  }

  static String string(DynamicMessage message, String field) {
    return (String) message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static boolean has(DynamicMessage message, String field) {
    return message.hasField(message.getDescriptorForType().findFieldByName(field));
  }

  /** A message under construction. */
  record Builder(DynamicMessage.Builder message) {
    static Builder of(Descriptor type) {
      return new Builder(DynamicMessage.newBuilder(type));
    }

    Builder set(String field, Object value) {
      message.setField(message.getDescriptorForType().findFieldByName(field), value);
      return this;
    }

    Builder add(String field, Object value) {
      message.addRepeatedField(message.getDescriptorForType().findFieldByName(field), value);
      return this;
    }

    Builder add(String field, ByteString value) {
      return add(field, (Object) value);
    }

    DynamicMessage build() {
      return message.build();
    }
  }
}
