package io.volare.pilota;

import io.volare.pilota.Idl.Field;
import io.volare.pilota.Idl.Function;
import io.volare.pilota.Idl.Requiredness;
import io.volare.pilota.Idl.Service;
import io.volare.pilota.Idl.Struct;
import io.volare.pilota.Idl.StructKind;
import io.volare.pilota.Program.Inherited;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes what belongs to a service: the interface, a client, a server binding, its methods. */
final class ServiceWriter {
  private final Program program;
  private final Service service;
  private final String name;
  private final String override;
  private final String javaPackage;
  private final List<Inherited> functions;
  private final Map<Function, String> methods = new IdentityHashMap<>();
  private final Map<Function, String> constants = new IdentityHashMap<>();

  ServiceWriter(Program program, Service service, String javaPackage, String override)
      throws IdlException {
    this.program = program;
    this.service = service;
    this.name = program.javaName(service);
    this.javaPackage = javaPackage;
    this.override = override;
    this.functions = program.functions(service);
    List<String> written = functions.stream().map(each -> each.function().name()).toList();
    List<String> methods = JavaNames.members(written);
    List<String> constants = JavaNames.constants(methods, "ALL");
    for (int i = 0; i < functions.size(); i++) {
      this.methods.put(functions.get(i).function(), methods.get(i));
      this.constants.put(functions.get(i).function(), constants.get(i));
    }
  }

  private JavaTypes types(String defines) {
    JavaTypes types = new JavaTypes(javaPackage, override);
    types.define(defines);
    return types;
  }

  void write(JavaFiles files) throws IdlException {
    files.add(javaPackage, name, program, this::writeInterface, types(name));
    files.add(javaPackage, name + "Client", program, this::writeClient, types(name + "Client"));
    files.add(javaPackage, name + "Server", program, this::writeServer, types(name + "Server"));
    files.add(javaPackage, name + "Methods", program, this::writeMethods, types(name + "Methods"));
  }

  private String method(Function function) {
    return methods.get(function);
  }

  private String constant(Function function) {
    return constants.get(function);
  }

  private String argsName(Function function) {
    return JavaNames.capital(method(function)) + "Args";
  }

  private String resultName(Function function) {
    return JavaNames.capital(method(function)) + "Result";
  }

  private static String parameter(JavaField argument) {
    return argument.name().equals("thrown") ? "thrown_" : argument.name();
  }

  private List<JavaField> arguments(Inherited inherited, JavaTypes types) throws IdlException {
    return JavaField.all(inherited.program(), types, inherited.function().arguments(), true);
  }

  private static String result(Inherited inherited, JavaTypes types) throws IdlException {
    Function function = inherited.function();
    return function.result() == null
        ? "void"
        : types.plain(inherited.program().type(function.result()));
  }

  private String signature(Inherited inherited, JavaTypes types) throws IdlException {
    List<String> parameters = new ArrayList<>();
    for (JavaField argument : arguments(inherited, types)) {
      parameters.add(argument.declared(types) + " " + parameter(argument));
    }
    List<String> thrown = new ArrayList<>(declared(inherited, types));
    thrown.add("InterruptedException");
    return "%s %s(%s) throws %s"
        .formatted(
            result(inherited, types),
            method(inherited.function()),
            String.join(", ", parameters),
            String.join(", ", thrown));
  }

  private static List<String> declared(Inherited inherited, JavaTypes types) throws IdlException {
    List<String> declared = new ArrayList<>();
    for (Field field : inherited.function().declared()) {
      String type = types.boxed(inherited.program().type(field.type()));
      if (!declared.contains(type)) {
        declared.add(type);
      }
    }
    return declared;
  }

  private void writeInterface(Source source, JavaTypes types) throws IdlException {
    source.doc(service.doc(), "The service " + service.name() + " of the IDL.");
    String parent = "";
    if (service.parent() != null) {
      Program.Found found = program.find(service.parent(), service.position(), "a service");
      parent =
          " extends "
              + types.use(
                  found.program().javaPackage(override)
                      + "."
                      + found.program().javaName(found.definition()));
    }
    source.line("public interface %s%s {", name, parent);
    boolean first = true;
    for (Function function : service.functions()) {
      if (!first) {
        source.blank();
      }
      first = false;
      source.doc(function.doc(), "The method " + function.name() + " of the IDL.");
      source.line(signature(new Inherited(program, function), types) + ";");
    }
    source.line("}");
  }

  private void writeClient(Source source, JavaTypes types) throws IdlException {
    String rpcClient = types.use("io.volare.rpc.RpcClient");
    String options = types.use("io.volare.rpc.CallOptions");
    source.line("/**");
    source.line(
        " * Calls the service %s. Whatever the IDL does not declare is an unchecked {@code"
            + " RpcException}. Thread-safe.",
        service.name());
    source.line(" */");
    source.line("public final class %sClient implements %s {", name, name);
    source.line("private final %s client;", rpcClient).blank();
    source.line("private %sClient(%s client) {", name, rpcClient);
    source.line("this.client = client;").line("}").blank();
    source.line("/** {@return a client that calls through {@code client}} */");
    source.line("public static %sClient of(%s client) {", name, rpcClient);
    source.line("return new %sClient(client);", name).line("}").blank();
    source.line("/** {@return this client with other options for its calls} */");
    source.line("public %sClient with(%s options) {", name, options);
    source.line("return new %sClient(client.with(options));", name).line("}");
    for (Inherited inherited : functions) {
      writeCall(source, types, inherited);
    }
    source.line("}");
  }

  private void writeCall(Source source, JavaTypes types, Inherited inherited) throws IdlException {
    Function function = inherited.function();
    List<String> names = new ArrayList<>();
    for (JavaField argument : arguments(inherited, types)) {
      names.add(parameter(argument));
    }
    String call =
        "this.client.call(%sMethods.%s, new %sMethods.%s(%s))"
            .formatted(
                name, constant(function), name, argsName(function), String.join(", ", names));
    source.blank();
    Type type = function.result() == null ? null : inherited.program().type(function.result());
    boolean generic =
        type instanceof Type.ListOf || type instanceof Type.SetOf || type instanceof Type.MapOf;
    source.line("@Override");
    if (generic) {
      source.line("@SuppressWarnings(\"unchecked\") // the codec of this method made it");
    }
    source.line("public " + signature(inherited, types) + " {");
    source.line("try {");
    if (function.result() == null) {
      source.line(call + ";");
    } else {
      source.line(
          "return (%s) %s.requireNonNull(%s);",
          types.boxed(inherited.program().type(function.result())),
          types.use("java.util.Objects"),
          call);
    }
    List<String> passing = new ArrayList<>(declared(inherited, types));
    passing.add("InterruptedException");
    passing.add("RuntimeException");
    source.line("} catch (%s thrown) {", String.join(" | ", passing));
    source.line("throw thrown;");
    source.line("} catch (Exception thrown) {");
    source.line(
        "throw %s.unchecked(\"%s/%s\", thrown);",
        types.use("io.volare.rpc.RpcException"), service.name(), function.name());
    source.line("}").line("}");
  }

  private void writeServer(Source source, JavaTypes types) throws IdlException {
    String binding = types.use("io.volare.rpc.ServiceBinding");
    String context = types.use("io.volare.rpc.RpcContext");
    source.line("/** Offers an implementation of the service %s to a server. */", service.name());
    source.line("public final class %sServer {", name);
    source.line("private %sServer() {}", name).blank();
    source.line("/** {@return the service, answered by {@code handler}} */");
    source.line("public static %s bind(%s handler) {", binding, name);
    source.line("%s.requireNonNull(handler, \"handler\");", types.use("java.util.Objects"));
    source.line(
        "return new %s(\"%s\", %sMethods.ALL, (context, request) -> answer(handler, context,"
            + " request));",
        binding, service.name(), name);
    source.line("}").blank();
    source.line(
        "private static %s answer(%s handler, %s context, Object request)",
        types.nullable("Object"), name, context);
    source.line("    throws Exception {");
    source.line("switch (context.method().name()) {");
    for (Inherited inherited : functions) {
      writeAnswer(source, types, inherited);
    }
    source.line("default ->");
    source.line(
        "    throw new IllegalStateException(\"%s has no method \" + context.method().name());",
        service.name());
    source.line("}").line("}").line("}");
  }

  private void writeAnswer(Source source, JavaTypes types, Inherited inherited)
      throws IdlException {
    Function function = inherited.function();
    List<JavaField> arguments = arguments(inherited, types);
    source.line("case \"%s\" -> {", function.name());
    List<String> names = new ArrayList<>();
    if (!arguments.isEmpty()) {
      source.line(
          "%sMethods.%s args = (%sMethods.%s) request;",
          name, argsName(function), name, argsName(function));
      arguments.forEach(argument -> names.add("args." + argument.name() + "()"));
    }
    String call = "handler." + method(function) + "(" + String.join(", ", names) + ")";
    if (function.result() == null) {
      source.line(call + ";").line("return null;");
    } else {
      source.line("return " + call + ";");
    }
    source.line("}");
  }

  private void writeMethods(Source source, JavaTypes types) throws IdlException {
    String thriftMethod = types.use("io.volare.codec.thrift.ThriftMethod");
    String map = types.use("java.util.Map");
    source.line("/** The methods of the service %s and their codecs. */", service.name());
    source.line("public final class %sMethods {", name);
    for (Inherited inherited : functions) {
      types.define(name + "Methods", argsName(inherited.function()));
      types.define(name + "Methods", resultName(inherited.function()));
    }
    List<String> entries = new ArrayList<>();
    for (Inherited inherited : functions) {
      Function function = inherited.function();
      String result =
          function.result() == null
              ? types.nullable("Object")
              : types.boxed(inherited.program().type(function.result()));
      source.line("/** The method %s. */", function.name());
      source.line(
          "public static final %s<%s, %s> %s =",
          thriftMethod, argsName(function), result, constant(function));
      source.line(
          "    new %s<>(\"%s\", \"%s\", %s.Kind.%s, %s, %s.CODEC, new %s());",
          thriftMethod,
          service.name(),
          function.name(),
          types.use("io.volare.rpc.MethodDescriptor"),
          function.oneway() ? "ONEWAY" : "UNARY",
          isIdempotent(function.annotations()),
          argsName(function),
          resultName(function));
      source.blank();
      entries.add("%s.entry(\"%s\", %s)".formatted(map, function.name(), constant(function)));
    }
    source.line("/** All of them, by their names on the wire. */");
    source.line("public static final %s<String, %s<?, ?>> ALL =", map, thriftMethod);
    source.line("    %s.ofEntries(%s);", map, String.join(", ", entries));
    source.blank().line("private %sMethods() {}", name);
    for (Inherited inherited : functions) {
      writeArgs(source, types, inherited);
      writeResult(source, types, inherited);
    }
    source.line("}");
  }

  private static boolean isIdempotent(Map<String, String> annotations) {
    return "true".equals(annotations.get("idempotent"))
        || "1".equals(annotations.get("idempotent"));
  }

  private void writeArgs(Source source, JavaTypes types, Inherited inherited) throws IdlException {
    Function function = inherited.function();
    Struct args =
        new Struct(
            StructKind.STRUCT,
            function.name() + "_args",
            function.arguments(),
            "The arguments of " + function.name() + ".",
            function.position(),
            Map.of());
    source.blank();
    new StructWriter(inherited.program(), types, args, argsName(function), source, false, true)
        .write("public ", false);
  }

  private void writeResult(Source source, JavaTypes types, Inherited inherited)
      throws IdlException {
    Function function = inherited.function();
    Type type = function.result() == null ? null : inherited.program().type(function.result());
    String value = type == null ? types.nullable("Object") : types.boxed(type);
    String reader = types.use("io.volare.codec.thrift.ThriftReader");
    String writer = types.use("io.volare.codec.thrift.ThriftWriter");
    CodecWriter codecs = new CodecWriter(types);
    List<Field> optional = new ArrayList<>();
    for (Field field : function.declared()) {
      optional.add(
          new Field(
              field.id(),
              Requiredness.OPTIONAL,
              field.type(),
              field.name(),
              null,
              field.doc(),
              field.position()));
    }
    List<JavaField> declared = JavaField.all(inherited.program(), types, optional, false);
    source.blank();
    source.line(
        "private static final class %s implements %s<%s> {",
        resultName(function), types.use("io.volare.codec.thrift.ThriftResultCodec"), value);
    source.line("@Override");
    source.line(
        "public %s read(%s in)%s {", value, reader, declared.isEmpty() ? "" : " throws Exception");
    readResult(source, types, codecs, function, type, declared, reader);
    source.line("}").blank().line("@Override");
    source.line("public void write(%s value, %s out) {", value, writer);
    source.line("out.structBegin();");
    if (type != null) {
      source.line("out.writeFieldBegin(%s.%s, 0);", codecs.tType(), type.wire());
      source.line(codecs.write(type, "value"));
    }
    source.line("out.structEnd();").line("}").blank().line("@Override");
    source.line("public boolean writeDeclared(Throwable thrown, %s out) {", writer);
    for (JavaField field : declared) {
      source.line("if (thrown instanceof %s declared) {", types.boxed(field.type()));
      source.line("out.structBegin();");
      codecs.writeField(source, field, "declared");
      source.line("out.structEnd();").line("return true;").line("}");
    }
    source.line("return false;").line("}");
    codecs.methods(source);
    source.line("}");
  }

  private static void readResult(
      Source source,
      JavaTypes types,
      CodecWriter codecs,
      Function function,
      Type type,
      List<JavaField> declared,
      String reader) {
    if (type != null) {
      source.line("%s value = null;", types.nullable(types.boxed(type)));
    }
    for (JavaField field : declared) {
      source.line("%s %s_ = null;", types.nullable(types.boxed(field.type())), field.name());
    }
    source.line("in.structBegin();");
    source.line("for (int f = in.readFieldBegin(); f != 0; f = in.readFieldBegin()) {");
    source.line("switch (f) {");
    if (type != null) {
      source.line("case %s.%s -> value = %s;", codecs.tType(), type.wire(), codecs.read(type));
    }
    for (JavaField field : declared) {
      source.line(
          "case %s -> %s_ = %s;", codecs.label(field), field.name(), codecs.read(field.type()));
    }
    source.line("default -> in.skip(%s.fieldType(f));", reader);
    source.line("}").line("}").line("in.structEnd();");
    for (JavaField field : declared) {
      source.line("if (%s_ != null) {", field.name()).line("throw %s_;", field.name()).line("}");
    }
    if (type == null) {
      source.line("return null;");
      return;
    }
    source.line("if (value == null) {");
    source.line("throw in.missing(\"%s_result\", \"success\");", function.name());
    source.line("}").line("return value;");
  }
}
