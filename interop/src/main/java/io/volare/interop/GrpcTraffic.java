package io.volare.interop;

import com.google.protobuf.ByteString;
import io.volare.interop.testing.Payload;
import io.volare.interop.testing.ResponseParameters;
import io.volare.interop.testing.SimpleRequest;
import io.volare.interop.testing.StreamingOutputCallRequest;
import io.volare.interop.testing.StreamingOutputCallResponse;
import io.volare.interop.testing.TestServiceClient;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;
import io.volare.rpc.Source;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * Unary calls, or streams of three responses, over gRPC; the size of an answer tells whose it is.
 */
final class GrpcTraffic implements Traffic {
  private static final int RESPONSES = 3;
  private static final Payload SENT =
      Payload.newBuilder().setBody(ByteString.copyFrom(new byte[100])).build();

  private final String kind;
  private @Nullable GrpcClient transport;
  private @Nullable TestServiceClient client;

  GrpcTraffic(String kind) {
    this.kind = kind;
  }

  @Override
  public void start(EndpointHealth health, RpcClient.Builder builder) {
    transport = GrpcClient.create(GrpcClientConfig.DEFAULT).with(health);
    client = TestServiceClient.of(builder.transport(transport));
  }

  @Override
  public boolean call(long number, int millis) throws InterruptedException {
    int size = 1 + (int) (number % 1009);
    return kind.equals("grpc") ? unary(size) : stream(size, millis);
  }

  private boolean unary(int size) throws InterruptedException {
    SimpleRequest request =
        SimpleRequest.newBuilder().setResponseSize(size).setPayload(SENT).build();
    return started().unaryCall(request).getPayload().getBody().size() == size;
  }

  private boolean stream(int size, int millis) throws InterruptedException {
    StreamingOutputCallRequest.Builder request =
        StreamingOutputCallRequest.newBuilder().setPayload(SENT);
    for (int i = 0; i < RESPONSES; i++) {
      request.addResponseParameters(
          ResponseParameters.newBuilder()
              .setSize(size + i)
              .setIntervalUs(millis * 1_000 / RESPONSES));
    }
    try (Source<StreamingOutputCallResponse> call =
        started().streamingOutputCall(request.build())) {
      int next = size;
      for (StreamingOutputCallResponse response : call) {
        if (response.getPayload().getBody().size() != next++) {
          return false;
        }
      }
      return next == size + RESPONSES;
    }
  }

  private TestServiceClient started() {
    if (client == null) {
      throw new IllegalStateException(kind + ": not started (call start first)");
    }
    return client;
  }

  @Override
  public boolean losesNone() {
    return true;
  }

  @Override
  public void close() {
    if (transport != null) {
      transport.close();
    }
  }
}
