package io.volare.pilota;

import io.volare.pilota.Idl.Struct;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Writes a union as a sealed interface with a record for each member. */
final class UnionWriter {
  private final Program program;
  private final JavaTypes types;
  private final Struct struct;
  private final String name;
  private final Source source;
  private final String override;
  private final List<String> members = new ArrayList<>();

  UnionWriter(
      Program program,
      JavaTypes types,
      Struct struct,
      String name,
      Source source,
      String override) {
    this.program = program;
    this.types = types;
    this.struct = struct;
    this.name = name;
    this.source = source;
    this.override = override;
  }

  /** {@return the names of the records for the members} */
  static List<String> members(Struct struct, String union) {
    String simple = union.substring(union.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    Set<String> taken = new HashSet<>(Set.of("unknown", "codec", "override"));
    taken.add(simple);
    return struct.fields().stream()
        .map(field -> JavaNames.free(JavaNames.nestedType(field.name()), taken))
        .toList();
  }

  void write() throws IdlException {
    String qualified = program.javaPackage(override) + "." + name;
    types.define(qualified, "Unknown");
    types.define(qualified, "Codec");
    members.addAll(members(struct, name));
    members.forEach(member -> types.define(qualified, member));
    List<JavaField> fields = JavaField.all(program, types, struct.fields(), true);
    source.doc(struct.doc(), "The union " + struct.name() + " of the IDL: one of its members.");
    source.line("public sealed interface %s {", name);
    source.line("/** Reads and writes it. */");
    source.line(
        "%s<%s> CODEC = new Codec();", types.use("io.volare.codec.thrift.ThriftCodec"), name);
    for (int i = 0; i < fields.size(); i++) {
      JavaField field = fields.get(i);
      source.blank();
      source.doc(field.field().doc(), "The member " + field.field().name() + ".");
      source.line(
          "record %s(%s value) implements %s {}", members.get(i), types.plain(field.type()), name);
    }
    source.blank().line("/** A member that this IDL does not know, kept as it came. */");
    source.line(
        "record Unknown(%s fields) implements %s {}",
        types.use("io.volare.codec.thrift.UnknownFields"), name);
    codec(fields);
    source.line("}");
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
    source.line("%s value = null;", types.nullable(name));
    source.line("in.structBegin();");
    source.line("for (int f = in.readFieldBegin(); f != 0; f = in.readFieldBegin()) {");
    source.line("value = switch (f) {");
    for (int i = 0; i < fields.size(); i++) {
      JavaField field = fields.get(i);
      source.line(
          "case %s -> new %s(%s);", codecs.label(field), members.get(i), codecs.read(field.type()));
    }
    source.line("default -> new Unknown(in.keep(f, %s.NONE));", unknown);
    source.line("};").line("}").line("in.structEnd();");
    source.line("if (value == null) {");
    source.line("throw in.missing(\"%s\", \"a member\");", struct.name());
    source.line("}").line("return value;").line("}").blank();
    source.line("@Override");
    source.line(
        "public void write(%s value, %s out) {",
        name, types.use("io.volare.codec.thrift.ThriftWriter"));
    source.line("out.structBegin();");
    source.line("switch (value) {");
    for (int i = 0; i < fields.size(); i++) {
      JavaField field = fields.get(i);
      source.line("case %s member -> {", members.get(i));
      codecs.writeField(source, field, "member.value()");
      source.line("}");
    }
    source.line("case Unknown member -> out.writeUnknown(member.fields());");
    source.line("}").line("out.structEnd();").line("}");
    codecs.methods(source);
    source.line("}");
  }
}
