package io.volare.transport.grpc;

import com.google.protobuf.BytesValue;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A service of all four kinds, whose answers the tests write. */
final class EchoService {
  static final String SERVICE = "test.Echo";

  static final ProtobufMethod<StringValue, StringValue> UNARY = of("Unary", Kind.UNARY);
  static final ProtobufMethod<StringValue, StringValue> DOWN = of("Down", Kind.SERVER_STREAM);
  static final ProtobufMethod<StringValue, StringValue> UP = of("Up", Kind.CLIENT_STREAM);
  static final ProtobufMethod<StringValue, StringValue> BOTH = of("Both", Kind.BIDI_STREAM);
  static final ProtobufMethod<BytesValue, BytesValue> BYTES =
      new ProtobufMethod<>(
          SERVICE, "Bytes", Kind.UNARY, false, BytesValue.parser(), BytesValue.parser());

  private EchoService() {}

  private static ProtobufMethod<StringValue, StringValue> of(String name, Kind kind) {
    return new ProtobufMethod<>(
        SERVICE, name, kind, false, StringValue.parser(), StringValue.parser());
  }

  static ServiceBinding binding(Service<RpcContext, Object, @Nullable Object> handler) {
    Map<String, MethodDescriptor> methods = new LinkedHashMap<>();
    for (ProtobufMethod<? extends MessageLite, ? extends MessageLite> method :
        java.util.List.of(UNARY, DOWN, UP, BOTH, BYTES)) {
      methods.put(method.name(), method);
    }
    return new ServiceBinding(SERVICE, methods, handler);
  }

  /** Unary echoes; Down sends as many as it is told; Up joins; Both answers each. */
  static @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    return switch (context.method().name()) {
      case "Down" -> down(streams(request));
      case "Up" -> up(streams(request));
      case "Both" -> both(streams(request));
      default -> request;
    };
  }

  @SuppressWarnings("unchecked") // the methods above stream strings
  static Duplex<StringValue, StringValue> streams(Object request) {
    return (Duplex<StringValue, StringValue>) request;
  }

  private static @Nullable Object down(Duplex<StringValue, StringValue> streams)
      throws InterruptedException {
    StringValue first = java.util.Objects.requireNonNull(streams.source().receive());
    int most = Integer.parseInt(first.getValue());
    for (int i = 1; i <= most; i++) {
      streams.sink().send(StringValue.of(Integer.toString(i)));
    }
    return null;
  }

  private static StringValue up(Duplex<StringValue, StringValue> streams) {
    StringBuilder all = new StringBuilder();
    for (StringValue each : streams.source()) {
      all.append(each.getValue());
    }
    return StringValue.of(all.toString());
  }

  private static @Nullable Object both(Duplex<StringValue, StringValue> streams)
      throws InterruptedException {
    for (StringValue each = streams.source().receive();
        each != null;
        each = streams.source().receive()) {
      streams.sink().send(StringValue.of("re: " + each.getValue()));
    }
    return null;
  }
}
