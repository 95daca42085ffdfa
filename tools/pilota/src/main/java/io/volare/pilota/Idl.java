package io.volare.pilota;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a Thrift file says, as it is written. */
record Idl(
    String file,
    String baseName,
    List<Include> includes,
    Map<String, String> namespaces,
    List<Definition> definitions,
    Set<String> warnings) {

  record Include(String path, Position position) {}

  /** Anything with a name of its own. */
  sealed interface Definition permits Typedef, Constant, EnumType, Struct, Service {
    String name();

    String doc();

    Position position();

    Map<String, String> annotations();
  }

  record Typedef(
      String name, TypeRef type, String doc, Position position, Map<String, String> annotations)
      implements Definition {}

  record Constant(
      String name,
      TypeRef type,
      Value value,
      String doc,
      Position position,
      Map<String, String> annotations)
      implements Definition {}

  record EnumType(
      String name,
      List<EnumMember> members,
      String doc,
      Position position,
      Map<String, String> annotations)
      implements Definition {}

  record EnumMember(String name, int number, String doc, Position position) {}

  record Struct(
      StructKind kind,
      String name,
      List<Field> fields,
      String doc,
      Position position,
      Map<String, String> annotations)
      implements Definition {}

  enum StructKind {
    STRUCT,
    UNION,
    EXCEPTION
  }

  record Field(
      int id,
      Requiredness requiredness,
      TypeRef type,
      String name,
      Value defaultValue,
      String doc,
      Position position) {}

  enum Requiredness {
    REQUIRED,
    OPTIONAL,
    DEFAULT
  }

  record Service(
      String name,
      String parent,
      List<Function> functions,
      String doc,
      Position position,
      Map<String, String> annotations)
      implements Definition {}

  record Function(
      String name,
      boolean oneway,
      TypeRef result,
      List<Field> arguments,
      List<Field> declared,
      String doc,
      Position position,
      Map<String, String> annotations) {}

  /** A type as it is written; {@code arguments} are those of a container, {@code null} is void. */
  record TypeRef(String name, List<TypeRef> arguments, Position position) {}

  /** A constant's value as it is written. */
  sealed interface Value permits Literal, Reference, ListValue, MapValue {
    Position position();
  }

  record Literal(Token.Kind kind, String text, Position position) implements Value {}

  record Reference(String name, Position position) implements Value {}

  record ListValue(List<Value> values, Position position) implements Value {}

  record MapValue(List<Value> keys, List<Value> values, Position position) implements Value {}
}
