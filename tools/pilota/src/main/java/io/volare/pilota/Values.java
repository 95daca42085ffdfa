package io.volare.pilota;

import io.volare.pilota.Idl.Constant;
import io.volare.pilota.Idl.EnumMember;
import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.ListValue;
import io.volare.pilota.Idl.Literal;
import io.volare.pilota.Idl.MapValue;
import io.volare.pilota.Idl.Reference;
import io.volare.pilota.Idl.Value;
import java.util.ArrayList;
import java.util.List;

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
      return types.name(enumeration)
          + ".of("
          + integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE)
          + ")";
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

  private static boolean isWord(Type type, Reference reference) {
    return type == Type.Base.BOOL
        && (reference.name().equals("true") || reference.name().equals("false"));
  }

  private static IdlException misfit(Value value, String expected) {
    String found =
        value instanceof Literal literal
            ? literal.text()
            : value instanceof Reference reference ? reference.name() : "a container";
    return new IdlException(value.position(), "value " + found + " (expected: " + expected + ")");
  }

  private String base(Type.Base type, Value value) throws IdlException {
    switch (type) {
      case BOOL:
        if (value instanceof Reference word) {
          return word.name();
        }
        return integer(value, 0, 1).equals("0") ? "false" : "true";
      case BYTE:
        return "(byte) " + integer(value, Byte.MIN_VALUE, 0xff);
      case I16:
        return "(short) " + integer(value, Short.MIN_VALUE, Short.MAX_VALUE);
      case I32:
        return integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case I64:
        return integer(value, Long.MIN_VALUE, Long.MAX_VALUE) + "L";
      case DOUBLE:
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

  private static String integer(Value value, long least, long most) throws IdlException {
    if (!(value instanceof Literal literal) || literal.kind() != Token.Kind.INTEGER) {
      throw misfit(value, "an integer");
    }
    try {
      long number = Numbers.integer(literal.text());
      if (number >= least && number <= most) {
        return Long.toString(number);
      }
    } catch (NumberFormatException tooLarge) {
      throw misfit(value, least + ".." + most);
    }
    throw misfit(value, least + ".." + most);
  }

  private String elements(Type element, Value value, int depth) throws IdlException {
    List<Value> values;
    if (value instanceof ListValue list) {
      values = list.values();
    } else if (value instanceof MapValue map && map.keys().isEmpty()) {
      values = List.of();
    } else {
      throw misfit(value, "a list in []");
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
    } else if (value instanceof ListValue list && list.values().isEmpty()) {
      keys = List.of();
      values = List.of();
    } else {
      throw misfit(value, "a map in {}");
    }
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      entries.add(
          types.use("java.util.Map")
              + ".entry("
              + java(type.key(), keys.get(i), depth + 1)
              + ", "
              + java(type.value(), values.get(i), depth + 1)
              + ")");
    }
    return types.use("java.util.Map") + ".ofEntries(" + String.join(", ", entries) + ")";
  }

  private String struct(Type.Named type, Value value, int depth) throws IdlException {
    if (!(value instanceof MapValue map)) {
      throw misfit(value, "the fields of " + type.struct().name() + " in {}");
    }
    StringBuilder built = new StringBuilder(types.name(type) + ".builder()");
    for (int i = 0; i < map.keys().size(); i++) {
      Value key = map.keys().get(i);
      Field field = field(type, key);
      String expression =
          new Values(type.program(), types)
              .nested(program, type.program().type(field.type()), map.values().get(i), depth + 1);
      built.append('.').append(JavaNames.member(field.name())).append('(').append(expression);
      built.append(')');
    }
    return built + ".build()";
  }

  /** The value stands in another program than its type: names in it mean what they mean there. */
  private String nested(Program where, Type type, Value value, int depth) throws IdlException {
    return new Values(where, types).java(type, value, depth);
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
          return types.name(enumeration) + "." + JavaNames.constant(name);
        }
      }
    }
    Program.Found found = program.find(name, reference.position(), "a constant or an enum member");
    if (!(found.definition() instanceof Constant constant)) {
      throw new IdlException(reference.position(), name + " is no constant");
    }
    return new Values(found.program(), types).java(type, constant.value(), depth + 1);
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
        if (type instanceof Type.Enumeration enumeration) {
          return types.name(enumeration) + "." + JavaNames.constant(name);
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
