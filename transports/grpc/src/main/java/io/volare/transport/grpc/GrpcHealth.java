package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.rpc.Sink;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The health of a server and its services, for load balancers and orchestrators that ask by gRPC's
 * own service {@code grpc.health.v1.Health}. Thread-safe.
 *
 * <p>The server as a whole, which goes by the empty name, serves from the start. A service is known
 * once something was said of it. Who watches is told at once of every change.
 *
 * <p>Source: gRPC's <a
 * href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">health checking
 * protocol</a>.
 */
public final class GrpcHealth {
  static final String SERVICE = "grpc.health.v1.Health";
  private static final FileDescriptor FILE = DynamicMessages.file(file());
  private static final Descriptor REQUEST = DynamicMessages.type(FILE, "HealthCheckRequest");
  private static final Descriptor RESPONSE = DynamicMessages.type(FILE, "HealthCheckResponse");

  /** Guarded by this object's monitor, which those who watch wait on. */
  private final Map<String, Status> known = new HashMap<>();

  private boolean ended;

  private GrpcHealth() {
    known.put("", Status.SERVING);
  }

  /** {@return the health of a server that serves} */
  public static GrpcHealth create() {
    return new GrpcHealth();
  }

  private static FileDescriptorProto file() {
    EnumDescriptorProto.Builder statuses =
        EnumDescriptorProto.newBuilder().setName("ServingStatus");
    for (Status status : Status.values()) {
      statuses.addValue(
          EnumValueDescriptorProto.newBuilder().setName(status.name()).setNumber(status.ordinal()));
    }
    String request = ".grpc.health.v1.HealthCheckRequest";
    String response = ".grpc.health.v1.HealthCheckResponse";
    return FileDescriptorProto.newBuilder()
        .setName("grpc/health/v1/health.proto")
        .setPackage("grpc.health.v1")
        .setSyntax("proto3")
        .addMessageType(
            DynamicMessages.message(
                "HealthCheckRequest", DynamicMessages.field("service", 1, Type.TYPE_STRING)))
        .addMessageType(
            DynamicMessages.message(
                    "HealthCheckResponse",
                    DynamicMessages.field("status", 1, Type.TYPE_ENUM, response + ".ServingStatus"))
                .toBuilder()
                .addEnumType(statuses))
        .addService(
            ServiceDescriptorProto.newBuilder()
                .setName("Health")
                .addMethod(method("Check", request, response, false))
                .addMethod(method("Watch", request, response, true)))
        .build();
  }

  private static MethodDescriptorProto method(
      String name, String request, String response, boolean streams) {
    return MethodDescriptorProto.newBuilder()
        .setName(name)
        .setInputType(request)
        .setOutputType(response)
        .setServerStreaming(streams)
        .build();
  }

  /** Says how {@code service} is; the empty name is the server as a whole. */
  public synchronized void set(String service, Status status) {
    known.put(requireNonNull(service, "service"), requireNonNull(status, "status"));
    notifyAll();
  }

  /** Says that nothing serves any more; who watches is told and the watching ends. */
  public synchronized void end() {
    known.replaceAll((service, status) -> Status.NOT_SERVING);
    ended = true;
    notifyAll();
  }

  private synchronized @Nullable Status of(String service) {
    return known.get(service);
  }

  /** {@return the service to be offered by a server} */
  @SuppressWarnings("NullAway") // it misses that the record's handler may return null
  public ServiceBinding binding() {
    Service<RpcContext, Object, @Nullable Object> handler = this::answer;
    return new ServiceBinding(
        SERVICE,
        Map.of("Check", method("Check", Kind.UNARY), "Watch", method("Watch", Kind.SERVER_STREAM)),
        handler);
  }

  private static ProtobufMethod<DynamicMessage, DynamicMessage> method(String name, Kind kind) {
    return new ProtobufMethod<>(
        SERVICE,
        name,
        kind,
        true,
        DynamicMessages.parser(REQUEST),
        DynamicMessages.parser(RESPONSE));
  }

  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    if (request instanceof Duplex<?, ?> streams) {
      watch(streams);
      return null;
    }
    String service = DynamicMessages.string((DynamicMessage) request, "service");
    Status status = of(service);
    if (status == null) {
      throw GrpcStatusException.of(GrpcCode.NOT_FOUND, "service " + service + " is not known");
    }
    return response(status);
  }

  @SuppressWarnings("unchecked") // the method's sink takes its own responses
  private void watch(Duplex<?, ?> streams) throws InterruptedException {
    DynamicMessage request = (DynamicMessage) requireNonNull(streams.source().receive());
    String service = DynamicMessages.string(request, "service");
    Sink<Object> sink = (Sink<Object>) streams.sink();
    Status told = null;
    while (true) {
      Status next = next(service, told);
      if (next == null) {
        return;
      }
      sink.send(response(next));
      told = next;
    }
  }

  /** {@return what {@code service} is, once it is not {@code told}; null at the end} */
  private synchronized @Nullable Status next(String service, @Nullable Status told)
      throws InterruptedException {
    while (true) {
      Status now = known.getOrDefault(service, Status.SERVICE_UNKNOWN);
      if (now != told) {
        return now;
      }
      if (ended) {
        return null;
      }
      wait();
    }
  }

  private static DynamicMessage response(Status status) {
    return DynamicMessages.Builder.of(RESPONSE)
        .set(
            "status",
            RESPONSE.findEnumTypeByName("ServingStatus").findValueByNumber(status.ordinal()))
        .build();
  }

  /** What can be said of a service. */
  public enum Status {
    /** Nothing is known. */
    UNKNOWN,
    /** It answers calls. */
    SERVING,
    /** It does not, for now. */
    NOT_SERVING,
    /** There is no such service; said to those who watch. */
    SERVICE_UNKNOWN
  }
}
