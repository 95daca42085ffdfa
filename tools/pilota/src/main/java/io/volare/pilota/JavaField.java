package io.volare.pilota;

import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.Requiredness;
import java.util.ArrayList;
import java.util.List;

/**
 * A field as generated code has it.
 *
 * @param field as it is written
 * @param type behind all typedefs
 * @param name in Java
 * @param nullable whether it may be absent
 * @param required whether a message without it is refused
 * @param initial what it is until it is read or set: an expression, {@code null} if none fits
 */
record JavaField(
    Field field, Type type, String name, boolean nullable, boolean required, String initial) {
  /** {@return the fields with a name each; {@code taken} are names that are none of theirs} */
  static List<JavaField> all(
      Program program, JavaTypes types, List<Field> fields, boolean argument, String... taken)
      throws IdlException {
    List<String> names = JavaNames.members(fields.stream().map(Field::name).toList(), taken);
    List<JavaField> all = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      all.add(of(program, types, fields.get(i), names.get(i), argument));
    }
    return all;
  }

  private static JavaField of(
      Program program, JavaTypes types, Field field, String name, boolean argument)
      throws IdlException {
    Type type = program.type(field.type());
    String zero = zero(type, types);
    boolean required =
        field.requiredness() == Requiredness.REQUIRED
            || argument
                && zero == null
                && field.requiredness() == Requiredness.DEFAULT
                && field.defaultValue() == null;
    boolean nullable =
        !required
            && field.defaultValue() == null
            && (field.requiredness() == Requiredness.OPTIONAL || zero == null);
    boolean primitive = type instanceof Type.Base base && base.isPrimitive();
    String initial = nullable || required && !primitive ? null : zero;
    if (field.defaultValue() != null) {
      initial = new Values(program, types).java(type, field.defaultValue());
    }
    return new JavaField(field, type, name, nullable, required, initial);
  }

  static String zero(Type type, JavaTypes types) {
    if (type instanceof Type.Base base) {
      if (base == Type.Base.BINARY) {
        return types.use("io.volare.codec.thrift.Binary") + ".EMPTY";
      }
      return base == Type.Base.BYTE || base == Type.Base.I16
          ? "(" + base.primitive + ") 0"
          : base.zero;
    }
    if (type instanceof Type.ListOf) {
      return types.use("java.util.List") + ".of()";
    }
    if (type instanceof Type.SetOf) {
      return types.use("java.util.Set") + ".of()";
    }
    if (type instanceof Type.MapOf) {
      return types.use("java.util.Map") + ".of()";
    }
    return null;
  }

  int id() {
    return field.id();
  }

  boolean isPrimitive() {
    return !nullable && type instanceof Type.Base base && base.isPrimitive();
  }

  /** {@return whether it takes two slots as a parameter} */
  boolean isWide() {
    return isPrimitive() && (type == Type.Base.I64 || type == Type.Base.DOUBLE);
  }

  /** {@return the type as a component or parameter has it} */
  String declared(JavaTypes types) {
    return nullable ? types.nullable(types.boxed(type)) : types.plain(type);
  }

  /** {@return the type of something that may not be set yet} */
  String pending(JavaTypes types) {
    return isPrimitive() ? types.plain(type) : types.nullable(types.boxed(type));
  }

  /** {@return what a local or builder field starts with} */
  String start() {
    return initial == null ? "null" : initial;
  }

  /** {@return whether its absence shows only by a flag} */
  boolean needsFlag() {
    return required && isPrimitive();
  }

  boolean isCollection() {
    return type instanceof Type.ListOf || type instanceof Type.SetOf || type instanceof Type.MapOf;
  }
}
