package io.volare.protoc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import io.volare.protoc.JavaFile.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes what belongs to a service: the interface, a client, a server binding, its methods. */
final class ServiceWriter {
  private static final int METHOD = ServiceDescriptorProto.METHOD_FIELD_NUMBER;

  private final JavaFile file;
  private final ServiceDescriptorProto service;
  private final List<Integer> path;
  private final String name;
  private final Set<String> neighbours;
  private final List<Method> methods = new ArrayList<>();

  ServiceWriter(
      JavaFile file, int index, String name, Set<String> neighbours, Map<String, Message> messages)
      throws ProtocException {
    this.file = file;
    this.service = file.proto().getService(index);
    this.path = List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, index);
    this.name = name;
    this.neighbours = neighbours;
    List<String> written =
        service.getMethodList().stream().map(MethodDescriptorProto::getName).toList();
    List<String> javaNames = JavaNames.methods(written);
    List<String> constants = JavaNames.constants(javaNames, namesInMethods(messages));
    for (int i = 0; i < written.size(); i++) {
      MethodDescriptorProto proto = service.getMethod(i);
      methods.add(
          new Method(
              proto,
              javaNames.get(i),
              constants.get(i),
              message(messages, proto.getInputType()),
              message(messages, proto.getOutputType()),
              comment(List.of(path.get(0), path.get(1), METHOD, i))));
    }
  }

  /** {@return what a constant must not be called, lest it hide it} */
  private Set<String> namesInMethods(Map<String, Message> messages) throws ProtocException {
    Set<String> names = new HashSet<>(Set.of("ALL", file.outerClass()));
    for (MethodDescriptorProto method : service.getMethodList()) {
      for (String type : List.of(method.getInputType(), method.getOutputType())) {
        names.addAll(List.of(message(messages, type).name().split("\\.")));
      }
    }
    return names;
  }

  private Message message(Map<String, Message> messages, String type) throws ProtocException {
    Message message = messages.get(type);
    if (message == null) {
      throw new ProtocException(
          "%s: %s of the service %s is in none of the files (expected: in an imported one)"
              .formatted(file.proto().getName(), type, service.getName()));
    }
    if (message.javaPackage().isEmpty() && !file.javaPackage().isEmpty()) {
      throw new ProtocException(
          "%s: %s of the service %s has no Java package (expected: option java_package in its file)"
              .formatted(file.proto().getName(), type, service.getName()));
    }
    return message;
  }

  private String comment(List<Integer> path) {
    for (Location location : file.proto().getSourceCodeInfo().getLocationList()) {
      if (location.getPathList().equals(path)) {
        return location.hasLeadingComments()
            ? location.getLeadingComments()
            : location.getTrailingComments();
      }
    }
    return "";
  }

  void write(Map<String, String> files) {
    add(files, "", this::writeInterface);
    add(files, "Client", this::writeClient);
    add(files, "Server", this::writeServer);
    add(files, "Methods", this::writeMethods);
  }

  private void add(Map<String, String> files, String part, Body body) {
    JavaTypes types = new JavaTypes(file.javaPackage(), name + part, neighbours);
    Source source = new Source();
    body.write(source, types);
    String folder = file.javaPackage().isEmpty() ? "" : file.javaPackage().replace('.', '/') + "/";
    files.put(
        folder + name + part + ".java",
        source.file(file.proto().getName(), file.javaPackage(), types));
  }

  private String fullName() {
    String scope = file.proto().getPackage();
    return scope.isEmpty() ? service.getName() : scope + "." + service.getName();
  }

  /** Writes what stands before a class. */
  private void begin(Source source, JavaTypes types) {
    if (service.getOptions().getDeprecated()) {
      source.line("@%s", types.use("java.lang.Deprecated"));
    } else if (methods.stream().anyMatch(Method::isAboutDeprecated)) {
      source.line(
          "@%s(\"deprecation\") // the IDL says so", types.use("java.lang.SuppressWarnings"));
    }
    source.line("@%s", types.use("org.jspecify.annotations.NullMarked"));
  }

  private void writeInterface(Source source, JavaTypes types) {
    source.doc(comment(path), "The service " + service.getName() + " of the IDL.");
    begin(source, types);
    source.line("public interface %s {", name);
    boolean first = true;
    for (Method method : methods) {
      if (!first) {
        source.blank();
      }
      first = false;
      writeDoc(source, types, method);
      source.line(method.handled(types) + ";");
    }
    source.line("}");
  }

  private static void writeDoc(Source source, JavaTypes types, Method method) {
    source.doc(method.comment(), "The method " + method.proto().getName() + " of the IDL.");
    if (method.proto().getOptions().getDeprecated()) {
      source.line("@%s", types.use("java.lang.Deprecated"));
    }
  }

  private void writeClient(Source source, JavaTypes types) {
    String rpcClient = types.use("io.volare.rpc.RpcClient");
    String options = types.use("io.volare.rpc.CallOptions");
    boolean streams = methods.stream().anyMatch(Method::isStream);
    source.line("/**");
    source.line(
        " * Calls the service %s. Every failure is an unchecked {@code RpcException}. Thread-safe.",
        fullName());
    if (streams) {
      source
          .line(" *")
          .line(" * <p>A call that streams lasts until its end, or until it is closed.");
    }
    source.line(" */");
    begin(source, types);
    source.line("public final class %sClient%s {", name, streams ? "" : " implements " + name);
    source.line("private final %s client;", rpcClient).blank();
    source.line("private %sClient(%s client) {", name, rpcClient);
    source.line("this.client = client;").line("}").blank();
    source.line("/** {@return a client that calls through {@code client}} */");
    source.line("public static %sClient of(%s client) {", name, rpcClient);
    source.line("return new %sClient(client);", name).line("}").blank();
    source.line("/** {@return this client with other options for its calls} */");
    source.line("public %sClient with(%s options) {", name, options);
    source.line("return new %sClient(this.client.with(options));", name).line("}");
    for (Method method : methods) {
      source.blank();
      writeCall(source, types, method, streams);
    }
    source.line("}");
  }

  private void writeCall(Source source, JavaTypes types, Method method, boolean streams) {
    writeDoc(source, types, method);
    if (!streams) {
      source.line("@%s", types.use("java.lang.Override"));
    }
    source.line("public %s {", method.called(types));
    source.line(
        "return %s.%s(this.client, %sMethods.%s%s);",
        types.use("io.volare.codec.protobuf.ProtobufCalls"),
        method.shape().call,
        name,
        method.constant(),
        method.shape().clientStreams ? "" : ", request");
    source.line("}");
  }

  private void writeServer(Source source, JavaTypes types) {
    String binding = types.use("io.volare.rpc.ServiceBinding");
    String context = types.use("io.volare.rpc.RpcContext");
    String object = types.use("java.lang.Object");
    source.line("/** Offers an implementation of the service %s to a server. */", fullName());
    begin(source, types);
    source.line("public final class %sServer {", name);
    source.line("private %sServer() {}", name).blank();
    source.line("/** {@return the service, answered by {@code handler}} */");
    source.line("public static %s bind(%s handler) {", binding, name);
    source.line("%s.requireNonNull(handler, \"handler\");", types.use("java.util.Objects"));
    source.line(
        "return new %s(\"%s\", %sMethods.ALL, (context, request) -> answer(handler, context,"
            + " request));",
        binding, fullName(), name);
    source.line("}").blank();
    if (methods.stream().anyMatch(method -> method.proto().getOptions().getDeprecated())
        && !service.getOptions().getDeprecated()
        && methods.stream().noneMatch(Method::isAboutDeprecated)) {
      source.line(
          "@%s(\"deprecation\") // the IDL says so", types.use("java.lang.SuppressWarnings"));
    }
    source.line(
        "private static %s answer(%s handler, %s context, %s request)",
        types.nullable(object), name, context, object);
    source.line("    throws %s {", types.use("java.lang.Exception"));
    source.line("switch (context.method().name()) {");
    for (Method method : methods) {
      writeAnswer(source, types, method);
    }
    source.line("default ->");
    source.line(
        "    throw new %s(\"%s has no method \" + context.method().name());",
        types.use("java.lang.IllegalStateException"), fullName());
    source.line("}").line("}").line("}");
  }

  private void writeAnswer(Source source, JavaTypes types, Method method) {
    source.line("case \"%s\" -> {", method.proto().getName());
    String handler = "handler." + method.name();
    if (method.shape() == Shape.UNARY) {
      source.line("return %s((%s) request);", handler, types.use(method.request()));
      source.line("}");
      return;
    }
    String calls = types.use("io.volare.codec.protobuf.ProtobufCalls");
    String constant = name + "Methods." + method.constant();
    source.line(
        "%s<%s, %s> ends = %s.streams(%s, request);",
        types.use("io.volare.rpc.Duplex"),
        types.use(method.request()),
        types.use(method.response()),
        calls,
        constant);
    switch (method.shape()) {
      case CLIENT_STREAM -> source.line("return %s(ends.source());", handler);
      case BIDI_STREAM -> source.line("%s(ends.source(), ends.sink());", handler);
      default -> source.line("%s(%s.request(%s, ends), ends.sink());", handler, calls, constant);
    }
    if (method.shape() != Shape.CLIENT_STREAM) {
      source.line("return null;");
    }
    source.line("}");
  }

  private void writeMethods(Source source, JavaTypes types) {
    String protobufMethod = types.use("io.volare.codec.protobuf.ProtobufMethod");
    String map = types.use("java.util.Map");
    String kind = types.use("io.volare.rpc.MethodDescriptor") + ".Kind.";
    source.line(
        "/** The methods of the service %s, with the parsers of their messages. */", fullName());
    begin(source, types);
    source.line("public final class %sMethods {", name);
    List<String> entries = new ArrayList<>();
    for (Method method : methods) {
      String request = types.use(method.request());
      String response = types.use(method.response());
      source.line("/** The method %s. */", method.proto().getName());
      source.line(
          "public static final %s<%s, %s> %s =",
          protobufMethod, request, response, method.constant());
      source.line(
          "    new %s<>(\"%s\", \"%s\", %s%s, %s, %s.parser(), %s.parser());",
          protobufMethod,
          fullName(),
          method.proto().getName(),
          kind,
          method.shape(),
          method.isIdempotent(),
          request,
          response);
      source.blank();
      entries.add(
          "%s.entry(\"%s\", %s)".formatted(map, method.proto().getName(), method.constant()));
    }
    source.line("/** All of them, by their names on the wire. */");
    source.line(
        "public static final %s<%s, %s<?, ?>> ALL =",
        map, types.use("java.lang.String"), protobufMethod);
    source.line("    %s.ofEntries(%s);", map, String.join(", ", entries)).blank();
    source.line("private %sMethods() {}", name);
    if (!file.isLite()) {
      source.blank();
      source.line("/** {@return the service as its IDL describes it} */");
      source.line(
          "public static %s descriptor() {",
          types.use("com.google.protobuf", "Descriptors.ServiceDescriptor"));
      source.line(
          "return %s.getDescriptor().findServiceByName(\"%s\");",
          types.use(file.javaPackage(), file.outerClass()), service.getName());
      source.line("}");
    }
    source.line("}");
  }

  /** Writes the body of a file. */
  @FunctionalInterface
  private interface Body {
    void write(Source source, JavaTypes types);
  }

  /** Which sides of a method stream; named as {@code MethodDescriptor.Kind}. */
  private enum Shape {
    UNARY("unary", false),
    SERVER_STREAM("serverStream", false),
    CLIENT_STREAM("clientStream", true),
    BIDI_STREAM("bidiStream", true);

    /** The method of {@code ProtobufCalls}. */
    final String call;

    final boolean clientStreams;

    Shape(String call, boolean clientStreams) {
      this.call = call;
      this.clientStreams = clientStreams;
    }
  }

  private record Method(
      MethodDescriptorProto proto,
      String name,
      String constant,
      Message request,
      Message response,
      String comment) {
    Shape shape() {
      if (proto.getClientStreaming()) {
        return proto.getServerStreaming() ? Shape.BIDI_STREAM : Shape.CLIENT_STREAM;
      }
      return proto.getServerStreaming() ? Shape.SERVER_STREAM : Shape.UNARY;
    }

    boolean isStream() {
      return shape() != Shape.UNARY;
    }

    boolean isIdempotent() {
      return proto.getOptions().getIdempotencyLevel() != IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
    }

    boolean isAboutDeprecated() {
      return request.isDeprecated() || response.isDeprecated();
    }

    /** {@return the method as a handler has it} */
    String handled(JavaTypes types) {
      String q = types.use(request);
      String r = types.use(response);
      return switch (shape()) {
            case UNARY -> "%s %s(%s request)".formatted(r, name, q);
            case SERVER_STREAM ->
                "void %s(%s request, %s<%s> responses)".formatted(name, q, sink(types), r);
            case CLIENT_STREAM -> "%s %s(%s requests)".formatted(r, name, source(types, q));
            case BIDI_STREAM ->
                "void %s(%s requests, %s<%s> responses)"
                    .formatted(name, source(types, q), sink(types), r);
          }
          + interrupted(types);
    }

    /** {@return the method as a client has it} */
    String called(JavaTypes types) {
      String q = types.use(request);
      String r = types.use(response);
      return switch (shape()) {
            case UNARY -> "%s %s(%s request)".formatted(r, name, q);
            case SERVER_STREAM -> "%s %s(%s request)".formatted(source(types, r), name, q);
            case CLIENT_STREAM ->
                "%s<%s, %s> %s()".formatted(types.use("io.volare.rpc.RequestStream"), q, r, name);
            case BIDI_STREAM ->
                "%s<%s, %s> %s()".formatted(types.use("io.volare.rpc.Duplex"), r, q, name);
          }
          + interrupted(types);
    }

    private static String source(JavaTypes types, String messages) {
      return types.use("io.volare.rpc.Source") + "<" + messages + ">";
    }

    private static String sink(JavaTypes types) {
      return types.use("io.volare.rpc.Sink");
    }

    private static String interrupted(JavaTypes types) {
      return " throws " + types.use("java.lang.InterruptedException");
    }
  }
}
