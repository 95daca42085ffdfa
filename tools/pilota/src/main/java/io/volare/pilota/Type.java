package io.volare.pilota;

import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Struct;

/** A type behind all typedefs. */
sealed interface Type {
  /** The name of its constant in {@code TType}. */
  String wire();

  static Base base(String name) {
    return switch (name) {
      case "bool" -> Base.BOOL;
      case "byte", "i8" -> Base.BYTE;
      case "i16" -> Base.I16;
      case "i32" -> Base.I32;
      case "i64" -> Base.I64;
      case "double" -> Base.DOUBLE;
      case "string", "slist" -> Base.STRING;
      case "binary" -> Base.BINARY;
      case "uuid" -> Base.UUID;
      default -> null;
    };
  }

  /** The types of the language itself. */
  enum Base implements Type {
    BOOL("BOOL", "boolean", "Boolean", "Bool", "false"),
    BYTE("BYTE", "byte", "Byte", "Byte", "0"),
    I16("I16", "short", "Short", "I16", "0"),
    I32("I32", "int", "Integer", "I32", "0"),
    I64("I64", "long", "Long", "I64", "0L"),
    DOUBLE("DOUBLE", "double", "Double", "Double", "0.0"),
    STRING("STRING", null, "String", "String", "\"\""),
    BINARY("STRING", null, "Binary", "Bytes", "Binary.EMPTY"),
    UUID("UUID", null, "UUID", "Uuid", null);

    final String wire;
    final String primitive;
    final String boxed;
    final String method;
    final String zero;

    Base(String wire, String primitive, String boxed, String method, String zero) {
      this.wire = wire;
      this.primitive = primitive;
      this.boxed = boxed;
      this.method = method;
      this.zero = zero;
    }

    @Override
    public String wire() {
      return wire;
    }

    boolean isPrimitive() {
      return primitive != null;
    }
  }

  record ListOf(Type element) implements Type {
    @Override
    public String wire() {
      return "LIST";
    }
  }

  record SetOf(Type element) implements Type {
    @Override
    public String wire() {
      return "SET";
    }
  }

  record MapOf(Type key, Type value) implements Type {
    @Override
    public String wire() {
      return "MAP";
    }
  }

  record Named(Program program, Struct struct) implements Type {
    @Override
    public String wire() {
      return "STRUCT";
    }
  }

  record Enumeration(Program program, EnumType enumType) implements Type {
    @Override
    public String wire() {
      return "I32";
    }
  }
}
