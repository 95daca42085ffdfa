package io.volare.pilota;

import io.volare.pilota.Idl.EnumMember;
import io.volare.pilota.Idl.EnumType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes an enum as a class with a constant for each member, so that unknown numbers survive. */
final class EnumWriter {
  private EnumWriter() {}

  private static List<String> constants(EnumType type) {
    return JavaNames.constants(type.members().stream().map(EnumMember::name).toList());
  }

  /** {@return the constant for {@code member}} */
  static String constant(EnumType type, EnumMember member) {
    return constants(type).get(type.members().indexOf(member));
  }

  static void write(EnumType type, String name, Source source, JavaTypes types) {
    source.doc(
        type.doc(),
        "The enum "
            + type.name()
            + " of the IDL. A number that the IDL does not know is kept and written back.");
    source.line("public final class %s {", name);
    List<String> constants = constants(type);
    Map<Integer, String> first = new LinkedHashMap<>();
    for (int i = 0; i < constants.size(); i++) {
      EnumMember member = type.members().get(i);
      String same = first.putIfAbsent(member.number(), constants.get(i));
      source.doc(member.doc(), "The member " + member.name() + ".");
      source.line(
          "public static final %s %s = %s;",
          name,
          constants.get(i),
          same != null
              ? same
              : "new %s(\"%s\", %d)".formatted(name, member.name(), member.number()));
      source.blank();
    }
    source.line("private final String name;").line("private final int value;").blank();
    source.line("private %s(String name, int value) {", name);
    source.line("this.name = name;").line("this.value = value;").line("}").blank();
    source.line("/** {@return the member with this number, known or not} */");
    source.line("public static %s of(int value) {", name);
    source.line("return switch (value) {");
    first.forEach((number, constant) -> source.line("case %d -> %s;", number, constant));
    source.line("default -> new %s(\"unknown \" + value, value);", name);
    source.line("};").line("}").blank();
    String list = types.use("java.util.List");
    source.line("/** {@return the members that the IDL knows, in its order} */");
    source.line("public static %s<%s> values() {", list, name);
    source.line("return %s.of(%s);", list, String.join(", ", first.values()));
    source.line("}").blank();
    source.line("/** {@return its number on the wire} */");
    source.line("public int value() {").line("return value;").line("}").blank();
    source.line("/** {@return whether the IDL knows it} */");
    source.line("public boolean isKnown() {");
    source.line("return values().contains(this);").line("}").blank();
    source.line("@Override").line("public boolean equals(Object other) {");
    source.line("return other instanceof %s that && that.value == value;", name).line("}");
    source.blank().line("@Override").line("public int hashCode() {");
    source.line("return Integer.hashCode(value);").line("}").blank();
    source.line("@Override").line("public String toString() {").line("return name;").line("}");
    source.line("}");
  }
}
