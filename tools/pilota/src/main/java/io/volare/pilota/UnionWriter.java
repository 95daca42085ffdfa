package io.volare.pilota;

import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.Struct;
import java.util.ArrayList;
import java.util.List;

/** Writes a union as a sealed interface with a record for each member. */
final class UnionWriter {
  private final Program program;
  private final JavaTypes types;
  private final Struct struct;
  private final String name;
  private final Source source;

  UnionWriter(Program program, JavaTypes types, Struct struct, String name, Source source) {
    this.program = program;
    this.types = types;
    this.struct = struct;
    this.name = name;
    this.source = source;
  }

  void write() throws IdlException {
    types.nest("Unknown");
    types.nest("Codec");
    for (Field field : struct.fields()) {
      types.nest(member(field));
    }
    List<JavaField> fields = new ArrayList<>();
    for (Field field : struct.fields()) {
      fields.add(JavaField.of(program, types, field, true));
    }
    source.doc(struct.doc(), "The union " + struct.name() + " of the IDL: one of its members.");
    source.line("public sealed interface %s {", name);
    source.line("/** Reads and writes it. */");
    source.line(
        "%s<%s> CODEC = new Codec();", types.use("io.volare.codec.thrift.ThriftCodec"), name);
    for (JavaField field : fields) {
      source.blank();
      source.doc(field.field().doc(), "The member " + field.field().name() + ".");
      source.line(
          "record %s(%s value) implements %s {}", member(field), types.plain(field.type()), name);
    }
    source.blank().line("/** A member that this IDL does not know, kept as it came. */");
    source.line(
        "record Unknown(%s fields) implements %s {}",
        types.use("io.volare.codec.thrift.UnknownFields"), name);
    codec(fields);
    source.line("}");
  }

  private String member(JavaField field) {
    return member(field.field());
  }

  private String member(Field field) {
    String type = JavaNames.type(field.name());
    return type.equals(name) || type.equals("Unknown") || type.equals("Codec") ? type + "_" : type;
  }

  private void codec(List<JavaField> fields) {
    CodecWriter codecs = new CodecWriter(types);
    String reader = types.use("io.volare.codec.thrift.ThriftReader");
    String unknown = types.use("io.volare.codec.thrift.UnknownFields");
    source.blank().line("/** Reads and writes the member that is set. */");
    source.line(
        "final class Codec implements %s<%s> {",
        types.use("io.volare.codec.thrift.ThriftCodec"), name);
    source.line("private Codec() {}").blank();
    source.line("@Override").line("public %s read(%s in) {", name, reader);
    source.line("%s%s value = null;", types.nullable(), name);
    source.line("in.structBegin();");
    source.line("for (int f = in.readFieldBegin(); f != 0; f = in.readFieldBegin()) {");
    source.line("value = switch (f) {");
    for (JavaField field : fields) {
      source.line(
          "case %s -> new %s(%s);", codecs.label(field), member(field), codecs.read(field.type()));
    }
    source.line("default -> new Unknown(in.keep(f, %s.NONE));", unknown);
    source.line("};").line("}").line("in.structEnd();");
    source.line("if (value == null) {");
    source.line(
        "throw %s.missing(\"%s\", \"a member\");",
        types.use("io.volare.codec.thrift.ThriftProtocolException"), struct.name());
    source.line("}").line("return value;").line("}").blank();
    source.line("@Override");
    source.line(
        "public void write(%s value, %s out) {",
        name, types.use("io.volare.codec.thrift.ThriftWriter"));
    source.line("switch (value) {");
    for (JavaField field : fields) {
      source.line("case %s member -> {", member(field));
      codecs.writeField(source, field, "member.value()");
      source.line("}");
    }
    source.line("case Unknown member -> out.writeUnknown(member.fields());");
    source.line("}").line("out.writeFieldStop();").line("}");
    codecs.methods(source);
    source.line("}");
  }
}
