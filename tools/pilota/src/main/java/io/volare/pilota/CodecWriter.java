package io.volare.pilota;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the code that reads and writes values. Collections get a method each, made when the first
 * value of that type is met.
 */
final class CodecWriter {
  private final JavaTypes types;
  private final Map<String, Source> readers = new LinkedHashMap<>();
  private final Map<String, Source> writers = new LinkedHashMap<>();
  private final Map<Type, String> names = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  CodecWriter(JavaTypes types) {
    this.types = types;
  }

  /** {@return an expression that reads a value from {@code in}} */
  String read(Type type) {
    if (type instanceof Type.Base base) {
      return "in.read" + base.method + "()";
    }
    if (type instanceof Type.Enumeration enumeration) {
      return types.name(enumeration) + ".of(in.readI32())";
    }
    if (type instanceof Type.Named named) {
      return types.name(named) + ".CODEC.read(in)";
    }
    return reader(type) + "(in)";
  }

  /** {@return a statement that writes {@code value} to {@code out}} */
  String write(Type type, String value) {
    if (type instanceof Type.Base base) {
      return "out.write" + base.method + "(" + value + ");";
    }
    if (type instanceof Type.Enumeration) {
      return "out.writeI32(" + value + ".value());";
    }
    if (type instanceof Type.Named named) {
      return types.name(named) + ".CODEC.write(" + value + ", out);";
    }
    return writer(type) + "(" + value + ", out);";
  }

  void writeField(Source source, JavaField field, String value) {
    source.line("out.writeFieldBegin(%s.%s, %d);", tType(), field.type().wire(), field.id());
    source.line(write(field.type(), value));
  }

  String tType() {
    return types.use("io.volare.codec.thrift.TType");
  }

  /** {@return the label of a field's case: its type and id as {@code readFieldBegin} packs them} */
  String label(JavaField field) {
    return tType() + "." + field.type().wire() + " | " + field.id() + " << 8";
  }

  /** {@return a part of a method's name, for no other type of this codec} */
  private String ownName(Type type) {
    String known = names.get(type);
    if (known == null) {
      known = JavaNames.free(nameOf(type), taken);
      names.put(type, known);
    }
    return known;
  }

  private static String nameOf(Type type) {
    if (type instanceof Type.ListOf list) {
      return "ListOf" + nameOf(list.element());
    }
    if (type instanceof Type.SetOf set) {
      return "SetOf" + nameOf(set.element());
    }
    if (type instanceof Type.MapOf map) {
      return "MapOf" + nameOf(map.key()) + "To" + nameOf(map.value());
    }
    if (type instanceof Type.Base base) {
      return base.boxed;
    }
    return type instanceof Type.Enumeration enumeration
        ? enumeration.program().javaName(enumeration.enumType())
        : ((Type.Named) type).program().javaName(((Type.Named) type).struct());
  }

  private String reader(Type type) {
    String name = "read" + ownName(type);
    if (!readers.containsKey(name)) {
      Source source = new Source();
      readers.put(name, source);
      source.line(
          "private static %s %s(%s in) {",
          types.boxed(type), name, types.use("io.volare.codec.thrift.ThriftReader"));
      if (type instanceof Type.MapOf map) {
        readMap(source, map);
      } else {
        readElements(source, type);
      }
      source.line("}");
    }
    return name;
  }

  private void readElements(Source source, Type type) {
    if (type instanceof Type.ListOf list) {
      readList(source, list.element());
    } else {
      readSet(source, ((Type.SetOf) type).element());
    }
  }

  private void readList(Source source, Type element) {
    String type = types.boxed(element);
    String wild = element instanceof Type.MapOf ? "<?, ?>" : "<?>";
    int arguments = type.indexOf('<');
    source.line("int size = in.readElements(%s.%s);", tType(), element.wire());
    if (arguments < 0) {
      source.line("%s[] values = new %s[size];", type, type);
    } else {
      source.line("@SuppressWarnings(\"unchecked\") // nothing else is put in");
      source.line(
          "%s[] values = (%s[]) new %s[size];", type, type, type.substring(0, arguments) + wild);
    }
    source.line("for (int i = 0; i < size; i++) {");
    source.line("values[i] = %s;", read(element));
    source.line("}");
    source.line("return %s.owned(values);", collections());
  }

  private String collections() {
    return types.use("io.volare.codec.thrift.ThriftCollections");
  }

  private void readSet(Source source, Type element) {
    String set = types.use("java.util.LinkedHashSet");
    source.line("int size = in.readElements(%s.%s);", tType(), element.wire());
    source.line("%s<%s> values = %s.newSet(size);", set, types.boxed(element), collections());
    source.line("for (int i = 0; i < size; i++) {");
    source.line("values.add(%s);", read(element));
    source.line("}");
    source.line("return %s.owned(values);", collections());
  }

  private void readMap(Source source, Type.MapOf map) {
    String holder = types.use("java.util.LinkedHashMap");
    source.line(
        "int size = in.readPairs(%s.%s, %s.%s);",
        tType(), map.key().wire(), tType(), map.value().wire());
    source.line(
        "%s<%s, %s> values = %s.newMap(size);",
        holder, types.boxed(map.key()), types.boxed(map.value()), collections());
    source.line("for (int i = 0; i < size; i++) {");
    source.line("%s key = %s;", types.plain(map.key()), read(map.key()));
    source.line("values.put(key, %s);", read(map.value()));
    source.line("}");
    source.line("return %s.owned(values);", collections());
  }

  private String writer(Type type) {
    String name = "write" + ownName(type);
    if (!writers.containsKey(name)) {
      Source source = new Source();
      writers.put(name, source);
      source.line(
          "private static void %s(%s values, %s out) {",
          name, types.boxed(type), types.use("io.volare.codec.thrift.ThriftWriter"));
      if (type instanceof Type.MapOf map) {
        writeMap(source, map);
      } else {
        Type element =
            type instanceof Type.ListOf list ? list.element() : ((Type.SetOf) type).element();
        source.line("out.writeListBegin(%s.%s, values.size());", tType(), element.wire());
        if (type instanceof Type.ListOf) {
          source.line("for (int i = 0, size = values.size(); i < size; i++) {");
          source.line(write(element, "values.get(i)"));
        } else {
          source.line("for (%s value : values) {", types.plain(element));
          source.line(write(element, "value"));
        }
        source.line("}");
      }
      source.line("}");
    }
    return name;
  }

  private void writeMap(Source source, Type.MapOf map) {
    source.line(
        "out.writeMapBegin(%s.%s, %s.%s, values.size());",
        tType(), map.key().wire(), tType(), map.value().wire());
    source.line(
        "for (%s.Entry<%s, %s> entry : values.entrySet()) {",
        types.use("java.util.Map"), types.boxed(map.key()), types.boxed(map.value()));
    source.line(write(map.key(), "entry.getKey()"));
    source.line(write(map.value(), "entry.getValue()"));
    source.line("}");
  }

  /** Writes the methods that were needed. */
  void methods(Source source) {
    for (Source method : List.copyOf(readers.values())) {
      source.blank().nested(method);
    }
    for (Source method : List.copyOf(writers.values())) {
      source.blank().nested(method);
    }
  }
}
