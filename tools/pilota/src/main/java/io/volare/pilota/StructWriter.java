package io.volare.pilota;

import io.volare.pilota.Idl.Struct;
import io.volare.pilota.Idl.StructKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes structs as records, exceptions as classes, and the codec that both share. What has more
 * fields than a constructor takes is a class that only its builder makes.
 */
final class StructWriter {
  private static final int MOST_SLOTS = 254;

  private final JavaTypes types;
  private final Struct struct;
  private final String name;
  private final List<JavaField> fields = new ArrayList<>();
  private final CodecWriter codecs;
  private final Source source;
  private final boolean keepUnknown;

  /** Whether the fields are more than a constructor of the JVM takes. */
  private final boolean wide;

  StructWriter(
      Program program,
      JavaTypes types,
      Struct struct,
      String name,
      Source source,
      boolean keepUnknown,
      boolean arguments)
      throws IdlException {
    this.types = types;
    this.struct = struct;
    this.name = name;
    this.source = source;
    this.keepUnknown = keepUnknown;
    this.codecs = new CodecWriter(types);
    String[] taken = keepUnknown ? new String[] {"unknownFields"} : new String[0];
    fields.addAll(JavaField.all(program, types, struct.fields(), arguments, taken));
    int slots = keepUnknown ? 1 : 0;
    for (JavaField field : fields) {
      slots += field.isWide() ? 2 : 1;
    }
    wide = slots > MOST_SLOTS;
    if (wide && arguments) {
      throw new IdlException(
          struct.position(),
          "%s takes %d slots of a method's parameters (limit of the JVM: %d, a long or double takes two)"
              .formatted(struct.name(), slots, MOST_SLOTS));
    }
  }

  List<JavaField> fields() {
    return fields;
  }

  /** Writes the whole type. */
  void write(String modifiers, boolean withBuilder) {
    source.doc(struct.doc(), "The struct " + struct.name() + " of the IDL.");
    if (wide) {
      wideHead(modifiers);
    } else if (struct.kind() == StructKind.EXCEPTION) {
      exceptionHead(modifiers);
    } else {
      recordHead(modifiers);
    }
    if (withBuilder) {
      builder();
    }
    codec();
    source.line("}");
  }

  private String parameters() {
    List<String> parameters = new ArrayList<>();
    for (JavaField field : fields) {
      parameters.add(field.declared(types) + " " + field.name());
    }
    if (keepUnknown) {
      parameters.add(unknownType() + " unknownFields");
    }
    return String.join(", ", parameters);
  }

  private String unknownType() {
    return types.use("io.volare.codec.thrift.UnknownFields");
  }

  private void recordHead(String modifiers) {
    source.line("%srecord %s(%s) {", modifiers, name, parameters());
    codecConstant();
    List<String> checks = checks("");
    if (!checks.isEmpty()) {
      source.blank();
      source.line("/** Checks that nothing is missing, and copies what could change. */");
      source.line("public %s {", name);
      checks.forEach(source::line);
      source.line("}");
    }
  }

  private List<String> checks(String prefix) {
    List<String> checks = new ArrayList<>();
    for (JavaField field : fields) {
      if (field.isPrimitive()) {
        continue;
      }
      if (field.isCollection()) {
        String copy = copied(field, field.name());
        checks.add(
            prefix
                + field.name()
                + " = "
                + (field.nullable() ? field.name() + " == null ? null : " + copy : copy)
                + ";");
      } else if (!field.nullable()) {
        String check =
            types.use("java.util.Objects")
                + ".requireNonNull("
                + field.name()
                + ", \""
                + field.name()
                + "\")";
        checks.add(prefix.isEmpty() ? check + ";" : prefix + field.name() + " = " + check + ";");
      } else if (!prefix.isEmpty()) {
        checks.add(prefix + field.name() + " = " + field.name() + ";");
      }
    }
    return checks;
  }

  private String copied(JavaField field, String value) {
    String kind =
        field.type() instanceof Type.ListOf
            ? "list"
            : field.type() instanceof Type.SetOf ? "set" : "map";
    return "%s.%s(%s)"
        .formatted(types.use("io.volare.codec.thrift.ThriftCollections"), kind, value);
  }

  private void codecConstant() {
    source.line("/** Reads and writes it. */");
    source.line(
        "public static final %s<%s> CODEC = new Codec();",
        types.use("io.volare.codec.thrift.ThriftCodec"), name);
  }

  private void exceptionHead(String modifiers) {
    classHead(modifiers);
    source.blank().line("/** Creates one. */");
    source.line("public %s(%s) {", name, parameters());
    source.line("super(%s);", message(""));
    List<String> checks = checks("this.");
    for (JavaField field : fields) {
      if (field.isPrimitive()) {
        source.line("this.%s = %s;", field.name(), field.name());
      }
    }
    checks.forEach(source::line);
    if (keepUnknown) {
      source.line("this.unknownFields = unknownFields;");
    }
    source.line("}");
    accessors();
  }

  private void classHead(String modifiers) {
    boolean exception = struct.kind() == StructKind.EXCEPTION;
    String parent =
        exception ? " extends " + types.use("io.volare.codec.thrift.ThriftException") : "";
    source.line("%sfinal class %s%s {", modifiers, name, parent);
    if (exception) {
      source.line("private static final long serialVersionUID = 1;").blank();
    }
    codecConstant();
    source.blank();
    String kept = exception ? "private final transient" : "private final";
    for (JavaField field : fields) {
      source.line("%s %s %s;", kept, field.declared(types), field.name());
    }
    if (keepUnknown) {
      source.line("%s %s unknownFields;", kept, unknownType());
    }
  }

  private void wideHead(String modifiers) {
    classHead(modifiers);
    source.blank().line("private %s(Builder builder) {", name);
    if (struct.kind() == StructKind.EXCEPTION) {
      source.line("super(%s);", message("builder."));
    }
    for (JavaField field : fields) {
      source.line("this.%s = %s;", field.name(), checked(field, "builder." + field.name()));
    }
    if (keepUnknown) {
      source.line("this.unknownFields = builder.unknownFields;");
    }
    source.line("}");
    accessors();
    if (struct.kind() == StructKind.STRUCT) {
      equality();
    }
  }

  /** {@return what a field becomes that may not have been set} */
  private String checked(JavaField field, String value) {
    if (field.isPrimitive() || field.nullable() && !field.isCollection()) {
      return value;
    }
    if (!field.nullable()) {
      value =
          "%s.requireNonNull(%s, \"%s\")"
              .formatted(types.use("java.util.Objects"), value, field.name());
    }
    if (!field.isCollection()) {
      return value;
    }
    String copy = copied(field, value);
    return field.nullable() ? value + " == null ? null : " + copy : copy;
  }

  /** As a record has them. */
  private void equality() {
    String objects = types.use("java.util.Objects");
    List<String> same = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    List<String> hashes = new ArrayList<>();
    for (JavaField field : fields) {
      String own = "this." + field.name();
      String others = "that." + field.name();
      String helper = field.isPrimitive() ? types.boxed(field.type()) : objects;
      same.add(
          field.isPrimitive()
              ? "%s.compare(%s, %s) == 0".formatted(helper, own, others)
              : "%s.equals(%s, %s)".formatted(helper, own, others));
      shown.add("\"%s=\" + %s".formatted(field.name(), own));
      hashes.add("hash = 31 * hash + %s.hashCode(%s);".formatted(helper, own));
    }
    if (keepUnknown) {
      same.add("this.unknownFields.equals(that.unknownFields)");
      shown.add("\"unknownFields=\" + this.unknownFields");
      hashes.add("hash = 31 * hash + this.unknownFields.hashCode();");
    }
    source.blank().line("@Override");
    source.line("public boolean equals(%s other) {", types.nullable("Object"));
    source.line("return other instanceof %s that", name);
    same.forEach(each -> source.line("&& %s", each));
    source.line(";").line("}");
    source.blank().line("@Override").line("public int hashCode() {").line("int hash = 1;");
    hashes.forEach(source::line);
    source.line("return hash;").line("}");
    source.blank().line("@Override").line("public String toString() {");
    source.line("return \"%s[\"", struct.name());
    source.line("+ %s", shown.remove(0));
    shown.forEach(each -> source.line("+ \", \" + %s", each));
    source.line("+ \"]\";").line("}");
  }

  private void accessors() {
    for (JavaField field : fields) {
      source.blank();
      source.doc(field.field().doc(), "The field " + field.field().name() + ".");
      source.line("public %s %s() {", field.declared(types), field.name());
      source.line("return %s;", field.name());
      source.line("}");
    }
    if (keepUnknown) {
      source.blank().line("/** {@return fields that the IDL does not know} */");
      source.line("public %s unknownFields() {", unknownType());
      source.line("return unknownFields;").line("}");
    }
  }

  /** The text for people: the field called message, else the first string, else the type's name. */
  private String message(String prefix) {
    JavaField best = null;
    for (JavaField field : fields) {
      boolean text = field.type() == Type.Base.STRING;
      if (text && (best == null || field.field().name().equalsIgnoreCase("message"))) {
        best = field;
      }
    }
    return best == null ? Source.quoted(struct.name()) : prefix + best.name();
  }

  private void builder() {
    source.blank().line("/** {@return a builder that starts with the defaults} */");
    source.line("public static Builder builder() {").line("return new Builder();").line("}");
    source.blank().line("/** Collects the fields. */");
    source.line("public static final class Builder {");
    for (JavaField field : fields) {
      source.line("private %s %s = %s;", field.pending(types), field.name(), field.start());
    }
    if (wide && keepUnknown) {
      source.line("private %s unknownFields = %s.NONE;", unknownType(), unknownType());
    }
    source.blank().line("private Builder() {}");
    for (JavaField field : fields) {
      source.blank().line("/**").line(" * Sets the field " + field.field().name() + ".");
      source.line(" *").line(" * @return this builder").line(" */");
      source.line("public Builder %s(%s %s) {", field.name(), field.declared(types), field.name());
      source.line("this.%s = %s;", field.name(), field.name()).line("return this;").line("}");
    }
    source.blank().line("/** {@return the struct; required fields must be set} */");
    source.line("public %s build() {", name);
    source.line("return new %s(%s);", name, wide ? "this" : arguments("required"));
    source.line("}").line("}");
  }

  /** {@return the constructor's arguments, where those that may be null are checked} */
  private String arguments(String how) {
    List<String> arguments = new ArrayList<>();
    for (JavaField field : fields) {
      boolean sure = field.isPrimitive() || field.nullable() || how.equals("read");
      arguments.add(
          sure
              ? how.equals("read") ? local(field) : field.name()
              : types.use("java.util.Objects")
                  + ".requireNonNull("
                  + field.name()
                  + ", \""
                  + field.name()
                  + "\")");
    }
    if (keepUnknown) {
      arguments.add(how.equals("read") ? "unknownFields" : unknownType() + ".NONE");
    }
    return String.join(", ", arguments);
  }

  private void codec() {
    String reader = types.use("io.volare.codec.thrift.ThriftReader");
    String writer = types.use("io.volare.codec.thrift.ThriftWriter");
    source.blank();
    source.line(
        "private static final class Codec implements %s<%s> {",
        types.use("io.volare.codec.thrift.ThriftCodec"), name);
    source.line("@Override").line("public %s read(%s in) {", name, reader);
    readBody(reader);
    source.line("}").blank();
    source.line("@Override").line("public void write(%s value, %s out) {", name, writer);
    source.line("out.structBegin();");
    List<JavaField> byId = new ArrayList<>(fields);
    byId.sort(Comparator.comparingInt(JavaField::id)); // as Apache's generated code has them
    byId.forEach(this::writeField);
    if (keepUnknown) {
      source.line("out.writeUnknown(value.unknownFields());");
    }
    source.line("out.structEnd();").line("}");
    codecs.methods(source);
    source.line("}");
  }

  private void readBody(String reader) {
    for (JavaField field : fields) {
      source.line("%s %s = %s;", field.pending(types), local(field), field.start());
      if (field.needsFlag()) {
        source.line("boolean %s = false;", flag(field));
      }
    }
    if (keepUnknown) {
      source.line("%s unknownFields = %s.NONE;", unknownType(), unknownType());
    }
    source.line("in.structBegin();");
    source.line("for (int f = in.readFieldBegin(); f != 0; f = in.readFieldBegin()) {");
    source.line("switch (f) {");
    for (JavaField field : fields) {
      if (field.needsFlag()) {
        source.line("case %s -> {", codecs.label(field));
        source.line("%s = %s;", local(field), codecs.read(field.type()));
        source.line("%s = true;", flag(field)).line("}");
      } else {
        source.line(
            "case %s -> %s = %s;", codecs.label(field), local(field), codecs.read(field.type()));
      }
    }
    source.line(
        keepUnknown
            ? "default -> unknownFields = in.keep(f, unknownFields);"
            : "default -> in.skip(" + reader + ".fieldType(f));");
    source.line("}").line("}").line("in.structEnd();");
    for (JavaField field : fields) {
      if (field.required()) {
        source.line("if (%s) {", field.needsFlag() ? "!" + flag(field) : local(field) + " == null");
        source.line("throw in.missing(\"%s\", \"%s\");", struct.name(), field.field().name());
        source.line("}");
      }
    }
    if (!wide) {
      source.line("return new %s(%s);", name, arguments("read"));
      return;
    }
    source.line("Builder built = new Builder();");
    for (JavaField field : fields) {
      source.line("built.%s = %s;", field.name(), local(field));
    }
    if (keepUnknown) {
      source.line("built.unknownFields = unknownFields;");
    }
    source.line("return built.build();");
  }

  private void writeField(JavaField field) {
    if (!field.nullable()) {
      codecs.writeField(source, field, "value." + field.name() + "()");
      return;
    }
    source.line("%s %s = value.%s();", types.boxed(field.type()), local(field), field.name());
    source.line("if (%s != null) {", local(field));
    codecs.writeField(source, field, local(field));
    source.line("}");
  }

  /** {@return a local variable for a field, apart from those that the codec has itself} */
  private static String local(JavaField field) {
    return switch (field.name()) {
      case "in", "f", "out", "value", "built" -> field.name() + "_";
      default -> field.name();
    };
  }

  private String flag(JavaField field) {
    String flag = "has" + JavaNames.capital(field.name());
    return fields.stream().anyMatch(each -> each.name().equals(flag)) ? flag + "_" : flag;
  }
}
