package io.volare.pilota;

import io.volare.pilota.Idl.Constant;
import io.volare.pilota.Idl.Definition;
import io.volare.pilota.Idl.EnumMember;
import io.volare.pilota.Idl.EnumType;
import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.Function;
import io.volare.pilota.Idl.Include;
import io.volare.pilota.Idl.ListValue;
import io.volare.pilota.Idl.Literal;
import io.volare.pilota.Idl.MapValue;
import io.volare.pilota.Idl.Reference;
import io.volare.pilota.Idl.Requiredness;
import io.volare.pilota.Idl.Service;
import io.volare.pilota.Idl.Struct;
import io.volare.pilota.Idl.StructKind;
import io.volare.pilota.Idl.TypeRef;
import io.volare.pilota.Idl.Typedef;
import io.volare.pilota.Idl.Value;
import io.volare.pilota.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one Thrift file, by recursive descent.
 *
 * <p>Source: the grammar in Apache Thrift's {@code compiler/cpp/src/thrift/thrifty.yy}.
 */
final class Parser {
  private static final int NESTING = 64;

  private final String file;
  private final List<Token> tokens;
  private final List<Include> includes = new ArrayList<>();
  private final Map<String, String> namespaces = new LinkedHashMap<>();
  private final List<Definition> definitions = new ArrayList<>();
  private int at;
  private final Set<String> warnings = new LinkedHashSet<>();
  private int depth;

  private Parser(String file, List<Token> tokens) {
    this.file = file;
    this.tokens = tokens;
  }

  static Idl parse(String file, String baseName, String text) throws IdlException {
    Parser parser = new Parser(file, Lexer.tokens(file, text));
    while (parser.peek().kind() != Kind.END) {
      parser.top();
    }
    return new Idl(
        file, baseName, parser.includes, parser.namespaces, parser.definitions, parser.warnings);
  }

  private Token peek() {
    return tokens.get(at);
  }

  private Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  private boolean accept(String wanted) {
    if (peek().is(wanted)) {
      at++;
      return true;
    }
    return false;
  }

  private Token expect(String wanted) throws IdlException {
    if (!peek().is(wanted)) {
      throw unexpected("'" + wanted + "'");
    }
    return next();
  }

  private Token expect(Kind kind, String what) throws IdlException {
    if (peek().kind() != kind) {
      throw unexpected(what);
    }
    return next();
  }

  private IdlException unexpected(String expected) {
    return new IdlException(
        peek().position(), "found " + peek().described() + " (expected: " + expected + ")");
  }

  private void top() throws IdlException {
    Token first = expect(Kind.NAME, "a definition, an include or a namespace");
    switch (first.text()) {
      case "include" -> {
        Token path = expect(Kind.STRING, "the path of the file to include, in quotes");
        includes.add(new Include(path.text(), path.position()));
        separator();
      }
      case "cpp_include" -> expect(Kind.STRING, "a path in quotes");
      case "namespace" -> namespace();
      case "typedef" -> typedef(first);
      case "const" -> constant(first);
      case "enum" -> enumeration(first);
      case "senum" -> senum(first);
      case "struct" -> struct(first, StructKind.STRUCT);
      case "union" -> struct(first, StructKind.UNION);
      case "exception" -> struct(first, StructKind.EXCEPTION);
      case "service" -> service(first);
      default -> {
        if (!legacyNamespace(first)) {
          at--;
          throw unexpected(
              "include, namespace, typedef, const, enum, struct, union, exception or service");
        }
      }
    }
  }

  private boolean legacyNamespace(Token first) {
    boolean legacy =
        first
            .text()
            .matches(
                "(cpp|php|csharp|xsd)_namespace|(py|perl|ruby)_(module|package|namespace)|java_package|cocoa_prefix|smalltalk_(category|prefix)|delphi_namespace");
    if (legacy) {
      String name = next().text();
      if (first.text().equals("java_package")) {
        namespaces.put("java", name);
      }
    }
    return legacy;
  }

  private void namespace() throws IdlException {
    String scope = accept("*") ? "*" : name("a language or '*'").text();
    String name = name("the namespace").text();
    annotations();
    separator();
    namespaces.put(scope, name);
  }

  private void separator() {
    if (!accept(",")) {
      accept(";");
    }
  }

  private void typedef(Token first) throws IdlException {
    TypeRef type = type();
    Token name = simpleName("the typedef's name");
    Map<String, String> annotations = annotations();
    separator();
    definitions.add(new Typedef(name.text(), type, first.doc(), name.position(), annotations));
  }

  private void constant(Token first) throws IdlException {
    TypeRef type = type();
    Token name = simpleName("the constant's name");
    expect("=");
    Value value = value();
    Map<String, String> annotations = annotations();
    separator();
    definitions.add(
        new Constant(name.text(), type, value, first.doc(), name.position(), annotations));
  }

  private void enumeration(Token first) throws IdlException {
    Token name = simpleName("the enum's name");
    expect("{");
    List<EnumMember> members = new ArrayList<>();
    long following = 0;
    while (!accept("}")) {
      Token member = simpleName("an enum's member or '}'");
      if (accept("=")) {
        following = integer("the member's number");
      }
      if (following != (int) following) {
        throw new IdlException(
            member.position(), "number " + following + " (expected: what fits in 32 bits)");
      }
      annotations();
      separator();
      members.add(new EnumMember(member.text(), (int) following, member.doc(), member.position()));
      following++;
    }
    Map<String, String> annotations = annotations();
    separator();
    definitions.add(new EnumType(name.text(), members, first.doc(), name.position(), annotations));
  }

  /** An ancient form: a string that is one of those listed. Apache takes it for a string. */
  private void senum(Token first) throws IdlException {
    Token name = simpleName("the senum's name");
    expect("{");
    while (!accept("}")) {
      expect(Kind.STRING, "a string or '}'");
      separator();
    }
    annotations();
    definitions.add(
        new Typedef(
            name.text(),
            new TypeRef("string", List.of(), name.position()),
            first.doc(),
            name.position(),
            Map.of()));
  }

  private void struct(Token first, StructKind kind) throws IdlException {
    Token name = simpleName("the name of the " + first.text());
    accept("xsd_all");
    expect("{");
    List<Field> fields = fields("}");
    Map<String, String> annotations = annotations();
    separator();
    definitions.add(
        new Struct(kind, name.text(), fields, first.doc(), name.position(), annotations));
  }

  private List<Field> fields(String end) throws IdlException {
    List<Field> fields = new ArrayList<>();
    int implicit = -1;
    while (!accept(end)) {
      Field field = field(implicit);
      if (field.id() == implicit) {
        implicit--;
      }
      fields.add(field);
    }
    return fields;
  }

  private Field field(int implicitId) throws IdlException {
    Token first = peek();
    int id = implicitId;
    if (isFieldId(first)) {
      long written = integer("a field's id");
      id = (short) written;
      if (id != written) {
        warn(
            first.position(),
            "field id " + written + " is written as " + id + " (expected: -32768..32767)");
      }
      expect(":");
    }
    Requiredness requiredness = Requiredness.DEFAULT;
    if (peek().is("required") || peek().is("optional")) {
      requiredness = next().is("required") ? Requiredness.REQUIRED : Requiredness.OPTIONAL;
    }
    TypeRef type = type();
    accept("&");
    Token name = simpleName("the field's name");
    Value defaultValue = accept("=") ? value() : null;
    while (peek().is("xsd_optional") || peek().is("xsd_nillable")) {
      next();
    }
    if (accept("xsd_attrs")) {
      expect("{");
      fields("}");
    }
    annotations();
    separator();
    return new Field(
        id, requiredness, type, name.text(), defaultValue, first.doc(), name.position());
  }

  private boolean isFieldId(Token first) {
    return first.kind() == Kind.INTEGER || isTruth(first) && tokens.get(at + 1).is(":");
  }

  private static boolean isTruth(Token token) {
    return token.kind() == Kind.NAME && Numbers.isTruth(token.text());
  }

  private void service(Token first) throws IdlException {
    Token name = simpleName("the service's name");
    String parent = accept("extends") ? name("the extended service").text() : null;
    expect("{");
    List<Function> functions = new ArrayList<>();
    while (!accept("}")) {
      functions.add(function());
    }
    Map<String, String> annotations = annotations();
    separator();
    definitions.add(
        new Service(name.text(), parent, functions, first.doc(), name.position(), annotations));
  }

  private Function function() throws IdlException {
    Token first = peek();
    boolean oneway = accept("oneway") || accept("async");
    TypeRef result = accept("void") ? null : type();
    Token name = simpleName("the method's name");
    expect("(");
    List<Field> arguments = fields(")");
    List<Field> declared = List.of();
    if (accept("throws")) {
      expect("(");
      declared = fields(")");
    }
    Map<String, String> annotations = annotations();
    separator();
    if (oneway && !declared.isEmpty()) {
      throw new IdlException(
          name.position(), "a oneway method that throws (expected: void, without throws)");
    }
    if (oneway && result != null) {
      warn(name.position(), "a oneway method has no result (expected: void)");
      result = null;
    }
    return new Function(
        name.text(),
        oneway,
        result,
        arguments,
        declared,
        first.doc(),
        name.position(),
        annotations);
  }

  private TypeRef type() throws IdlException {
    if (peek().is("void")) {
      throw unexpected("a type");
    }
    Token name = name("a type");
    List<TypeRef> arguments = new ArrayList<>();
    enter(name);
    cppType();
    switch (name.text()) {
      case "list", "set" -> {
        expect("<");
        arguments.add(type());
        expect(">");
        cppType();
      }
      case "map" -> {
        expect("<");
        arguments.add(type());
        expect(",");
        arguments.add(type());
        expect(">");
      }
      default -> {}
    }
    depth--;
    annotations();
    return new TypeRef(name.text(), arguments, name.position());
  }

  private void cppType() throws IdlException {
    if (accept("cpp_type")) {
      expect(Kind.STRING, "a C++ type in quotes");
    }
  }

  private void enter(Token where) throws IdlException {
    if (++depth > NESTING) {
      throw new IdlException(where.position(), "nested deeper than " + NESTING);
    }
  }

  private Value value() throws IdlException {
    Token first = next();
    enter(first);
    Value value =
        switch (first.kind()) {
          case INTEGER, DOUBLE, STRING -> new Literal(first.kind(), first.text(), first.position());
          case NAME -> new Reference(first.text(), first.position());
          default -> container(first);
        };
    depth--;
    return value;
  }

  private Value container(Token first) throws IdlException {
    List<Value> keys = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    if (first.is("[")) {
      while (!accept("]")) {
        values.add(value());
        separator();
      }
      return new ListValue(values, first.position());
    }
    if (first.is("{")) {
      while (!accept("}")) {
        keys.add(value());
        expect(":");
        values.add(value());
        separator();
      }
      return new MapValue(keys, values, first.position());
    }
    throw new IdlException(
        first.position(), "found " + first.described() + " (expected: a constant value)");
  }

  private Map<String, String> annotations() throws IdlException {
    Map<String, String> annotations = new LinkedHashMap<>();
    if (accept("(")) {
      while (!accept(")")) {
        String name = name("an annotation's name or ')'").text();
        String value = accept("=") ? expect(Kind.STRING, "the annotation's value").text() : "1";
        annotations.put(name, value);
        separator();
      }
    }
    return annotations;
  }

  private Token simpleName(String what) throws IdlException {
    if (peek().kind() == Kind.NAME && peek().text().contains(".")) {
      throw unexpected(what + ", without a dot");
    }
    return name(what);
  }

  private void warn(Position position, String what) {
    warnings.add(position + ": " + what);
  }

  private Token name(String what) throws IdlException {
    return expect(Kind.NAME, what);
  }

  private long integer(String what) throws IdlException {
    if (isTruth(peek())) {
      return Numbers.integer(next().text());
    }
    Token token = expect(Kind.INTEGER, what);
    try {
      return Numbers.integer(token.text());
    } catch (NumberFormatException tooLarge) {
      throw new IdlException(
          token.position(), "number " + token.text() + " (expected: what fits in 64 bits)");
    }
  }
}
