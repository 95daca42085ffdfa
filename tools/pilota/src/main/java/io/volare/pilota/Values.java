package io.volare.pilota;

import io.volare.pilota.Idl.EnumMember;
import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.ListValue;
import io.volare.pilota.Idl.Literal;
import io.volare.pilota.Idl.MapValue;
import io.volare.pilota.Idl.Reference;
import io.volare.pilota.Idl.StructKind;
import io.volare.pilota.Idl.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Constant values: whether they fit their type, and how they are written in Java. */
final class Values {
  private final Program program;
  private final JavaTypes types;

  Values(Program program, JavaTypes types) {
    this.program = program;
    this.types = types;
  }

  static void check(Program program, Type type, Value value) throws IdlException {
    new Values(program, new JavaTypes("check", null)).java(type, value);
  }

  /** {@return {@code value} as a Java expression of {@code type}} */
  String java(Type type, Value value) throws IdlException {
    return java(type, value, 0);
  }

  private String java(Type type, Value value, int depth) throws IdlException {
    if (depth > 64) {
      throw new IdlException(value.position(), "a constant that refers to itself");
    }
    if (value instanceof Reference reference && !isWord(type, reference)) {
      return referenced(type, reference, depth);
    }
    if (type instanceof Type.Base base) {
      return base(base, value);
    }
    if (type instanceof Type.Enumeration enumeration) {
      return enumMember(enumeration, value);
    }
    if (type instanceof Type.ListOf list) {
      return types.use("java.util.List") + ".of(" + elements(list.element(), value, depth) + ")";
    }
    if (type instanceof Type.SetOf set) {
      String elements = elements(set.element(), value, depth);
      return collections() + ".set(" + types.use("java.util.List") + ".of(" + elements + "))";
    }
    if (type instanceof Type.MapOf map) {
      return map(map, value, depth);
    }
    return struct((Type.Named) type, value, depth);
  }

  private String collections() {
    return types.use("io.volare.codec.thrift.ThriftCollections");
  }

  private static boolean isWord(Type type, Value value) {
    boolean number =
        type instanceof Type.Enumeration
            || type instanceof Type.Base base && base.primitive != null;
    return number && value instanceof Reference reference && Numbers.isTruth(reference.name());
  }

  private static IdlException misfit(Value value, String expected) {
    return new IdlException(value.position(), found(value) + " (expected: " + expected + ")");
  }

  private static String found(Value value) {
    return value instanceof Literal literal
        ? "value " + literal.text()
        : value instanceof Reference reference ? "value " + reference.name() : "a container";
  }

  private String base(Type.Base type, Value value) throws IdlException {
    switch (type) {
      case BOOL:
        if (value instanceof Reference word) {
          return word.name();
        }
        long truth = integer(value);
        warnUnless(truth == 0 || truth == 1, value, "true, false, 1 or 0");
        return truth > 0 ? "true" : "false";
      case BYTE:
        long octet = integer(value);
        warnUnless(octet >= Byte.MIN_VALUE && octet <= 0xff, value, "-128..255");
        return "(byte) " + (byte) octet;
      case I16:
        long small = integer(value);
        warnUnless(small == (short) small, value, "-32768..32767");
        return "(short) " + (short) small;
      case I32:
        return Integer.toString(int32(value));
      case I64:
        return integer(value) + "L";
      case DOUBLE:
        if (isWord(type, value)) {
          return integer(value) + ".0";
        }
        if (value instanceof Literal number && number.kind() != Token.Kind.STRING) {
          return number.kind() == Token.Kind.DOUBLE
              ? Double.toString(Double.parseDouble(number.text()))
              : Numbers.integer(number.text()) + ".0";
        }
        throw misfit(value, "a number");
      default:
        return text(type, value);
    }
  }

  private String text(Type.Base type, Value value) throws IdlException {
    if (!(value instanceof Literal literal) || literal.kind() != Token.Kind.STRING) {
      throw misfit(value, "a string in quotes");
    }
    String quoted = Source.quoted(literal.text());
    if (type == Type.Base.BINARY) {
      return types.use("io.volare.codec.thrift.Binary")
          + ".of("
          + quoted
          + ".getBytes("
          + types.use("java.nio.charset.StandardCharsets")
          + ".UTF_8))";
    }
    if (type == Type.Base.UUID) {
      try {
        java.util.UUID.fromString(literal.text().replaceAll("[{}]", ""));
      } catch (IllegalArgumentException noUuid) {
        throw misfit(value, "a uuid, such as 00112233-4455-6677-8899-aabbccddeeff");
      }
      return types.use("java.util.UUID")
          + ".fromString("
          + Source.quoted(literal.text().replaceAll("[{}]", ""))
          + ")";
    }
    return quoted;
  }

  private static long integer(Value value) throws IdlException {
    if (value instanceof Reference word && Numbers.isTruth(word.name())) {
      return Numbers.integer(word.name());
    }
    if (!(value instanceof Literal literal) || literal.kind() != Token.Kind.INTEGER) {
      throw misfit(value, "an integer");
    }
    try {
      return Numbers.integer(literal.text());
    } catch (NumberFormatException tooLarge) {
      throw misfit(value, Long.MIN_VALUE + ".." + Long.MAX_VALUE);
    }
  }

  private int int32(Value value) throws IdlException {
    long number = integer(value);
    warnUnless(number == (int) number, value, Integer.MIN_VALUE + ".." + Integer.MAX_VALUE);
    return (int) number;
  }

  /** Apache's compiler takes some values that do not fit; so do we, but we say so. */
  private void warnUnless(boolean fits, Value value, String expected) {
    if (!fits) {
      program.warn(value.position(), found(value) + " does not fit (expected: " + expected + ")");
    }
  }

  private String enumMember(Type.Enumeration type, Value value) throws IdlException {
    if (value instanceof Literal literal && literal.kind() == Token.Kind.STRING) {
      for (EnumMember member : type.enumType().members()) {
        if (member.name().equals(literal.text())) {
          warnUnless(false, value, "the member without quotes");
          return types.name(type) + "." + EnumWriter.constant(type.enumType(), member);
        }
      }
      throw misfit(value, "a member of " + type.enumType().name());
    }
    return types.name(type) + ".of(" + int32(value) + ")";
  }

  private String elements(Type element, Value value, int depth) throws IdlException {
    List<Value> values;
    if (value instanceof ListValue list) {
      values = list.values();
    } else if (value instanceof MapValue map && map.keys().isEmpty()) {
      values = List.of();
    } else {
      warnUnless(false, value, "a list in [], it is left empty");
      values = List.of();
    }
    List<String> elements = new ArrayList<>();
    for (Value each : values) {
      elements.add(java(element, each, depth + 1));
    }
    return String.join(", ", elements);
  }

  private String map(Type.MapOf type, Value value, int depth) throws IdlException {
    List<Value> keys;
    List<Value> values;
    if (value instanceof MapValue map) {
      keys = map.keys();
      values = map.values();
    } else {
      warnUnless(
          value instanceof ListValue list && list.values().isEmpty(),
          value,
          "a map in {}, it is left empty");
      keys = List.of();
      values = List.of();
    }
    String mapType = types.use("java.util.Map");
    Map<String, String> entries = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      String key = java(type.key(), keys.get(i), depth + 1);
      String before = entries.put(key, java(type.value(), values.get(i), depth + 1));
      warnUnless(before == null, keys.get(i), "each key once, the last one counts");
    }
    List<String> pairs = new ArrayList<>();
    entries.forEach((key, each) -> pairs.add(mapType + ".entry(" + key + ", " + each + ")"));
    return mapType + ".ofEntries(" + String.join(", ", pairs) + ")";
  }

  private String struct(Type.Named type, Value value, int depth) throws IdlException {
    if (!(value instanceof MapValue map)) {
      throw misfit(value, "the fields of " + type.struct().name() + " in {}");
    }
    Map<Field, String> given = new LinkedHashMap<>();
    for (int i = 0; i < map.keys().size(); i++) {
      Field field = field(type, map.keys().get(i));
      Type its = type.program().type(field.type());
      given.put(field, java(its, map.values().get(i), depth + 1));
    }
    if (type.struct().kind() == StructKind.UNION) {
      return union(type, given, value);
    }
    StringBuilder built = new StringBuilder(types.name(type) + ".builder()");
    for (JavaField field : fields(type)) {
      String expression = given.get(field.field());
      if (expression == null && field.initial() == null && !field.nullable()) {
        warnUnless(false, value, "a value for the required field " + field.field().name());
        expression = zero(field.type(), value, depth + 1);
      }
      if (expression != null) {
        built.append('.').append(field.name()).append('(').append(expression).append(')');
      }
    }
    return built + ".build()";
  }

  private List<JavaField> fields(Type.Named type) throws IdlException {
    return JavaField.all(type.program(), types, type.struct().fields(), false);
  }

  private String zero(Type type, Value where, int depth) throws IdlException {
    String zero = JavaField.zero(type, types);
    if (zero != null) {
      return zero;
    }
    if (type == Type.Base.UUID) {
      return "new " + types.use("java.util.UUID") + "(0, 0)";
    }
    if (type instanceof Type.Enumeration enumeration) {
      return types.name(enumeration) + ".of(0)";
    }
    return java(type, new MapValue(List.of(), List.of(), where.position()), depth);
  }

  private String union(Type.Named type, Map<Field, String> given, Value value) {
    warnUnless(given.size() == 1, value, "one member of the union, the last one counts");
    String name = types.name(type);
    String made =
        "new %s.Unknown(%s.NONE)"
            .formatted(name, types.use("io.volare.codec.thrift.UnknownFields"));
    List<String> members = UnionWriter.members(type.struct(), name);
    for (Map.Entry<Field, String> each : given.entrySet()) {
      String member = members.get(type.struct().fields().indexOf(each.getKey()));
      made = "new %s.%s(%s)".formatted(name, member, each.getValue());
    }
    return made;
  }

  private static Field field(Type.Named type, Value key) throws IdlException {
    if (key instanceof Literal name && name.kind() == Token.Kind.STRING) {
      for (Field field : type.struct().fields()) {
        if (field.name().equals(name.text())) {
          return field;
        }
      }
    }
    throw misfit(key, "the name of a field of " + type.struct().name() + ", in quotes");
  }

  private String referenced(Type type, Reference reference, int depth) throws IdlException {
    String name = reference.name();
    int dot = name.lastIndexOf('.');
    if (dot > 0) {
      EnumType enumType = enumNamed(name.substring(0, dot), reference);
      if (enumType != null) {
        return member(type, enumType, name.substring(dot + 1), reference);
      }
    } else if (type instanceof Type.Enumeration enumeration) {
      for (EnumMember member : enumeration.enumType().members()) {
        if (member.name().equals(name)) {
          return types.name(enumeration)
              + "."
              + EnumWriter.constant(enumeration.enumType(), member);
        }
      }
    }
    Program.FoundConstant found = program.constant(name, reference.position());
    return new Values(found.program(), types).java(type, found.constant().value(), depth + 1);
  }

  private EnumType enumNamed(String name, Reference reference) {
    try {
      Program.Found found = program.find(name, reference.position(), "an enum");
      return found.definition() instanceof EnumType enumType ? enumType : null;
    } catch (IdlException none) {
      return null;
    }
  }

  private String member(Type type, EnumType enumType, String name, Reference reference)
      throws IdlException {
    for (EnumMember member : enumType.members()) {
      if (member.name().equals(name)) {
        if (type instanceof Type.Enumeration enumeration && enumeration.enumType() == enumType) {
          return types.name(enumeration) + "." + EnumWriter.constant(enumType, member);
        }
        Literal number =
            new Literal(
                Token.Kind.INTEGER, Integer.toString(member.number()), reference.position());
        return java(type, number);
      }
    }
    throw new IdlException(reference.position(), name + " is no member of " + enumType.name());
  }
}
