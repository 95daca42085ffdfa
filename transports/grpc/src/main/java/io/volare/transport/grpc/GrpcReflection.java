package io.volare.transport.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.rpc.Sink;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells which services a server offers and what their messages are, by gRPC's own service {@code
 * ServerReflection} in both its versions. Immutable and thread-safe.
 *
 * <p>All it knows comes from the messages' own descriptors. Where the file that declares a service
 * is not among theirs, one that says the same is made.
 *
 * <p>Source: gRPC's <a
 * href="https://github.com/grpc/grpc/blob/master/doc/server-reflection.md">server reflection
 * protocol</a>.
 */
final class GrpcReflection {
  private static final List<String> VERSIONS =
      List.of("grpc.reflection.v1", "grpc.reflection.v1alpha");

  static final List<String> SERVICES =
      VERSIONS.stream().map(version -> version + ".ServerReflection").toList();

  private static final int NOT_FOUND = GrpcCode.NOT_FOUND.number();
  private static final int UNIMPLEMENTED = GrpcCode.UNIMPLEMENTED.number();

  private final Set<String> services = new TreeSet<>();
  private final Map<String, FileDescriptor> files = new LinkedHashMap<>();

  private GrpcReflection(Collection<ServiceBinding> bindings) {
    bindings.forEach(this::add);
    services.addAll(SERVICES);
    VERSIONS.forEach(version -> addFile(file(version)));
  }

  /** {@return the services that tell of {@code bindings} and of themselves} */
  static List<ServiceBinding> of(Collection<ServiceBinding> bindings) {
    GrpcReflection reflection = new GrpcReflection(bindings);
    return VERSIONS.stream().map(reflection::binding).toList();
  }

  private void add(ServiceBinding binding) {
    services.add(binding.service());
    for (MethodDescriptor method : binding.methods().values()) {
      ProtobufMethod<MessageLite, MessageLite> known = ProtobufMethod.of(method);
      addFileOf(known.request());
      addFileOf(known.response());
    }
    if (files.values().stream().noneMatch(file -> declares(file, binding.service()))) {
      addFile(made(binding));
    }
  }

  private void addFileOf(com.google.protobuf.Parser<MessageLite> parser) {
    Descriptor type = type(parser);
    if (type != null) {
      addFile(type.getFile());
    }
  }

  /** {@return the type that a parser reads; null for the messages of the lite runtime} */
  private static @Nullable Descriptor type(com.google.protobuf.Parser<MessageLite> parser) {
    try {
      return parser.parsePartialFrom(ByteString.EMPTY) instanceof Message message
          ? message.getDescriptorForType()
          : null;
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void addFile(FileDescriptor file) {
    if (files.putIfAbsent(file.getFullName(), file) == null) {
      file.getDependencies().forEach(this::addFile);
    }
  }

  private static boolean declares(FileDescriptor file, String service) {
    return file.getServices().stream().anyMatch(each -> each.getFullName().equals(service));
  }

  private static FileDescriptor made(ServiceBinding binding) {
    int dot = binding.service().lastIndexOf('.');
    ServiceDescriptorProto.Builder service =
        ServiceDescriptorProto.newBuilder().setName(binding.service().substring(dot + 1));
    Set<FileDescriptor> uses = new LinkedHashSet<>();
    for (MethodDescriptor method : binding.methods().values()) {
      ProtobufMethod<MessageLite, MessageLite> known = ProtobufMethod.of(method);
      Descriptor in = type(known.request());
      Descriptor out = type(known.response());
      if (in == null || out == null) {
        continue;
      }
      uses.add(in.getFile());
      uses.add(out.getFile());
      Kind kind = method.kind();
      service.addMethod(
          MethodDescriptorProto.newBuilder()
              .setName(method.name())
              .setInputType("." + in.getFullName())
              .setOutputType("." + out.getFullName())
              .setClientStreaming(kind == Kind.CLIENT_STREAM || kind == Kind.BIDI_STREAM)
              .setServerStreaming(kind == Kind.SERVER_STREAM || kind == Kind.BIDI_STREAM));
    }
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder()
            .setName("volare/" + binding.service() + ".proto")
            .setSyntax("proto3")
            .addService(service);
    if (dot > 0) {
      file.setPackage(binding.service().substring(0, dot));
    }
    uses.forEach(each -> file.addDependency(each.getFullName()));
    try {
      return FileDescriptor.buildFrom(file.build(), uses.toArray(FileDescriptor[]::new));
    } catch (DescriptorValidationException wrong) {
      throw new IllegalStateException(wrong);
    }
  }

  private static FileDescriptor file(String version) {
    String prefix = "." + version + ".";
    DescriptorProto.Builder request =
        DynamicMessages.message(
            "ServerReflectionRequest",
            DynamicMessages.field("host", 1, Type.TYPE_STRING),
            choice("file_by_filename", 3, Type.TYPE_STRING),
            choice("file_containing_symbol", 4, Type.TYPE_STRING),
            choice("file_containing_extension", 5, prefix + "ExtensionRequest"),
            choice("all_extension_numbers_of_type", 6, Type.TYPE_STRING),
            choice("list_services", 7, Type.TYPE_STRING))
            .toBuilder();
    request.addOneofDeclBuilder().setName("message_request");
    DescriptorProto.Builder response =
        DynamicMessages.message(
            "ServerReflectionResponse",
            DynamicMessages.field("valid_host", 1, Type.TYPE_STRING),
            DynamicMessages.field(
                "original_request", 2, Type.TYPE_MESSAGE, prefix + "ServerReflectionRequest"),
            choice("file_descriptor_response", 4, prefix + "FileDescriptorResponse"),
            choice("all_extension_numbers_response", 5, prefix + "ExtensionNumberResponse"),
            choice("list_services_response", 6, prefix + "ListServiceResponse"),
            choice("error_response", 7, prefix + "ErrorResponse"))
            .toBuilder();
    response.addOneofDeclBuilder().setName("message_response");
    return DynamicMessages.file(
        FileDescriptorProto.newBuilder()
            .setName(version.replace('.', '/') + "/reflection.proto")
            .setPackage(version)
            .setSyntax("proto3")
            .addMessageType(request)
            .addMessageType(
                DynamicMessages.message(
                    "ExtensionRequest",
                    DynamicMessages.field("containing_type", 1, Type.TYPE_STRING),
                    DynamicMessages.field("extension_number", 2, Type.TYPE_INT32)))
            .addMessageType(response)
            .addMessageType(
                DynamicMessages.message(
                    "FileDescriptorResponse",
                    DynamicMessages.repeated(
                        DynamicMessages.field("file_descriptor_proto", 1, Type.TYPE_BYTES))))
            .addMessageType(
                DynamicMessages.message(
                    "ExtensionNumberResponse",
                    DynamicMessages.field("base_type_name", 1, Type.TYPE_STRING),
                    DynamicMessages.repeated(
                        DynamicMessages.field("extension_number", 2, Type.TYPE_INT32))))
            .addMessageType(
                DynamicMessages.message(
                    "ListServiceResponse",
                    DynamicMessages.repeated(
                        DynamicMessages.field(
                            "service", 1, Type.TYPE_MESSAGE, prefix + "ServiceResponse"))))
            .addMessageType(
                DynamicMessages.message(
                    "ServiceResponse", DynamicMessages.field("name", 1, Type.TYPE_STRING)))
            .addMessageType(
                DynamicMessages.message(
                    "ErrorResponse",
                    DynamicMessages.field("error_code", 1, Type.TYPE_INT32),
                    DynamicMessages.field("error_message", 2, Type.TYPE_STRING)))
            .addService(
                ServiceDescriptorProto.newBuilder()
                    .setName("ServerReflection")
                    .addMethod(
                        MethodDescriptorProto.newBuilder()
                            .setName("ServerReflectionInfo")
                            .setInputType(prefix + "ServerReflectionRequest")
                            .setOutputType(prefix + "ServerReflectionResponse")
                            .setClientStreaming(true)
                            .setServerStreaming(true)))
            .build());
  }

  private static com.google.protobuf.DescriptorProtos.FieldDescriptorProto choice(
      String name, int number, Type type) {
    return DynamicMessages.field(name, number, type).toBuilder().setOneofIndex(0).build();
  }

  private static com.google.protobuf.DescriptorProtos.FieldDescriptorProto choice(
      String name, int number, String typeName) {
    return DynamicMessages.field(name, number, Type.TYPE_MESSAGE, typeName).toBuilder()
        .setOneofIndex(0)
        .build();
  }

  @SuppressWarnings("NullAway") // it misses that the record's handler may return null
  private ServiceBinding binding(String version) {
    FileDescriptor file =
        java.util.Objects.requireNonNull(
            files.get(version.replace('.', '/') + "/reflection.proto"));
    String service = version + ".ServerReflection";
    Service<RpcContext, Object, @Nullable Object> handler =
        (context, request) -> answer(file, context, request);
    return new ServiceBinding(
        service,
        Map.of(
            "ServerReflectionInfo",
            new ProtobufMethod<>(
                service,
                "ServerReflectionInfo",
                Kind.BIDI_STREAM,
                true,
                DynamicMessages.parser(DynamicMessages.type(file, "ServerReflectionRequest")),
                DynamicMessages.parser(DynamicMessages.type(file, "ServerReflectionResponse")))),
        handler);
  }

  @SuppressWarnings("unchecked") // the method's sink takes its own responses
  private @Nullable Object answer(FileDescriptor file, RpcContext context, Object streams)
      throws InterruptedException {
    Duplex<Object, Object> both = (Duplex<Object, Object>) streams;
    Sink<Object> sink = both.sink();
    for (Object next = both.source().receive(); next != null; next = both.source().receive()) {
      sink.send(answer(file, (DynamicMessage) next));
    }
    return null;
  }

  private DynamicMessage answer(FileDescriptor file, DynamicMessage request) {
    DynamicMessages.Builder response =
        builder(file, "ServerReflectionResponse")
            .set("valid_host", DynamicMessages.string(request, "host"))
            .set("original_request", request);
    if (DynamicMessages.has(request, "list_services")) {
      return response.set("list_services_response", services(file)).build();
    }
    if (DynamicMessages.has(request, "file_by_filename")) {
      String name = DynamicMessages.string(request, "file_by_filename");
      return found(file, response, files.get(name), "file " + name);
    }
    if (DynamicMessages.has(request, "file_containing_symbol")) {
      String symbol = DynamicMessages.string(request, "file_containing_symbol");
      return found(file, response, declaring(symbol), "symbol " + symbol);
    }
    if (DynamicMessages.has(request, "all_extension_numbers_of_type")) {
      return extensions(
          file, response, DynamicMessages.string(request, "all_extension_numbers_of_type"));
    }
    if (DynamicMessages.has(request, "file_containing_extension")) {
      return extension(file, response, request);
    }
    return error(file, response, UNIMPLEMENTED, "this question is not known");
  }

  private static DynamicMessages.Builder builder(FileDescriptor file, String type) {
    return DynamicMessages.Builder.of(DynamicMessages.type(file, type));
  }

  private DynamicMessage services(FileDescriptor file) {
    DynamicMessages.Builder list = builder(file, "ListServiceResponse");
    services.forEach(
        name -> list.add("service", builder(file, "ServiceResponse").set("name", name).build()));
    return list.build();
  }

  private static DynamicMessage error(
      FileDescriptor file, DynamicMessages.Builder response, int code, String message) {
    return response
        .set(
            "error_response",
            builder(file, "ErrorResponse")
                .set("error_code", code)
                .set("error_message", message)
                .build())
        .build();
  }

  /** A file with all that it needs, so that who asks need not ask again. */
  private static DynamicMessage found(
      FileDescriptor file,
      DynamicMessages.Builder response,
      @Nullable FileDescriptor found,
      String asked) {
    if (found == null) {
      return error(file, response, NOT_FOUND, asked + " is not known");
    }
    DynamicMessages.Builder all = builder(file, "FileDescriptorResponse");
    Set<FileDescriptor> needed = new LinkedHashSet<>();
    collect(found, needed);
    needed.forEach(each -> all.add("file_descriptor_proto", each.toProto().toByteString()));
    return response.set("file_descriptor_response", all.build()).build();
  }

  private static void collect(FileDescriptor file, Set<FileDescriptor> into) {
    if (into.add(file)) {
      file.getDependencies().forEach(each -> collect(each, into));
    }
  }

  private @Nullable FileDescriptor declaring(String symbol) {
    return files.values().stream()
        .filter(file -> declaresSymbol(file, symbol))
        .findFirst()
        .orElse(null);
  }

  private static boolean declaresSymbol(FileDescriptor file, String symbol) {
    for (ServiceDescriptor service : file.getServices()) {
      boolean method =
          service.getMethods().stream().anyMatch(each -> each.getFullName().equals(symbol));
      if (method || service.getFullName().equals(symbol)) {
        return true;
      }
    }
    return file.getMessageTypes().stream().anyMatch(type -> declaresSymbol(type, symbol))
        || file.getEnumTypes().stream().anyMatch(type -> type.getFullName().equals(symbol))
        || file.getExtensions().stream().anyMatch(each -> each.getFullName().equals(symbol));
  }

  private static boolean declaresSymbol(Descriptor type, String symbol) {
    return type.getFullName().equals(symbol)
        || type.getFields().stream().anyMatch(each -> each.getFullName().equals(symbol))
        || type.getEnumTypes().stream().anyMatch(each -> each.getFullName().equals(symbol))
        || type.getNestedTypes().stream().anyMatch(each -> declaresSymbol(each, symbol));
  }

  private List<FieldDescriptor> extensionsOf(String type) {
    return files.values().stream()
        .flatMap(file -> file.getExtensions().stream())
        .filter(each -> each.getContainingType().getFullName().equals(type))
        .toList();
  }

  private DynamicMessage extensions(
      FileDescriptor file, DynamicMessages.Builder response, String type) {
    if (declaring(type) == null) {
      return error(file, response, NOT_FOUND, "type " + type + " is not known");
    }
    DynamicMessages.Builder numbers =
        builder(file, "ExtensionNumberResponse").set("base_type_name", type);
    extensionsOf(type).forEach(each -> numbers.add("extension_number", each.getNumber()));
    return response.set("all_extension_numbers_response", numbers.build()).build();
  }

  private DynamicMessage extension(
      FileDescriptor file, DynamicMessages.Builder response, DynamicMessage request) {
    DynamicMessage asked =
        (DynamicMessage)
            request.getField(
                request.getDescriptorForType().findFieldByName("file_containing_extension"));
    String type = DynamicMessages.string(asked, "containing_type");
    int number =
        (int) asked.getField(asked.getDescriptorForType().findFieldByName("extension_number"));
    FileDescriptor found =
        extensionsOf(type).stream()
            .filter(each -> each.getNumber() == number)
            .findFirst()
            .map(FieldDescriptor::getFile)
            .orElse(null);
    return found(file, response, found, "extension " + number + " of " + type);
  }
}
