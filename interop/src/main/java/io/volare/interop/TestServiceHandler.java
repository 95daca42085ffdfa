package io.volare.interop;

import com.google.protobuf.ByteString;
import io.volare.interop.testing.EchoStatus;
import io.volare.interop.testing.Empty;
import io.volare.interop.testing.Payload;
import io.volare.interop.testing.ResponseParameters;
import io.volare.interop.testing.SimpleRequest;
import io.volare.interop.testing.SimpleResponse;
import io.volare.interop.testing.StreamingInputCallRequest;
import io.volare.interop.testing.StreamingInputCallResponse;
import io.volare.interop.testing.StreamingOutputCallRequest;
import io.volare.interop.testing.StreamingOutputCallResponse;
import io.volare.interop.testing.TestService;
import io.volare.rpc.RpcContext;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import io.volare.transport.grpc.GrpcCode;
import io.volare.transport.grpc.GrpcCompression;
import io.volare.transport.grpc.GrpcMetadata;
import io.volare.transport.grpc.GrpcStatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the interop specification asks of a server. */
final class TestServiceHandler implements TestService {
  private static final String NAME = "volare-" + ProcessHandle.current().pid();

  @Override
  public Empty emptyCall(Empty request) {
    return request;
  }

  @Override
  public SimpleResponse unaryCall(SimpleRequest request) {
    RpcContext context = RpcContext.current();
    echoMetadata(context);
    checkCompressed(
        context, request.hasExpectCompressed(), request.getExpectCompressed().getValue());
    refuse(request.hasResponseStatus(), request.getResponseStatus());
    GrpcCompression.compressResponses(context, request.getResponseCompressed().getValue());
    SimpleResponse.Builder response =
        SimpleResponse.newBuilder().setPayload(zeros(request.getResponseSize()));
    return request.getFillServerId() ? response.setServerId(NAME).build() : response.build();
  }

  @Override
  public SimpleResponse cacheableUnaryCall(SimpleRequest request) {
    return unaryCall(request);
  }

  @Override
  public void streamingOutputCall(
      StreamingOutputCallRequest request, Sink<StreamingOutputCallResponse> responses)
      throws InterruptedException {
    answer(request, responses);
  }

  @Override
  public StreamingInputCallResponse streamingInputCall(Source<StreamingInputCallRequest> requests) {
    RpcContext context = RpcContext.current();
    int sum = 0;
    for (StreamingInputCallRequest request : requests) {
      checkCompressed(
          context, request.hasExpectCompressed(), request.getExpectCompressed().getValue());
      sum += request.getPayload().getBody().size();
    }
    return StreamingInputCallResponse.newBuilder().setAggregatedPayloadSize(sum).build();
  }

  @Override
  public void fullDuplexCall(
      Source<StreamingOutputCallRequest> requests, Sink<StreamingOutputCallResponse> responses)
      throws InterruptedException {
    echoMetadata(RpcContext.current());
    for (StreamingOutputCallRequest request : requests) {
      refuse(request.hasResponseStatus(), request.getResponseStatus());
      answer(request, responses);
    }
  }

  @Override
  public void halfDuplexCall(
      Source<StreamingOutputCallRequest> requests, Sink<StreamingOutputCallResponse> responses)
      throws InterruptedException {
    List<StreamingOutputCallRequest> all = new ArrayList<>();
    requests.forEach(all::add);
    for (StreamingOutputCallRequest request : all) {
      answer(request, responses);
    }
  }

  @Override
  public Empty unimplementedCall(Empty request) {
    throw GrpcStatusException.notExecuted(GrpcCode.UNIMPLEMENTED, "no server has this method");
  }

  private static void answer(
      StreamingOutputCallRequest request, Sink<StreamingOutputCallResponse> responses)
      throws InterruptedException {
    RpcContext context = RpcContext.current();
    for (ResponseParameters wanted : request.getResponseParametersList()) {
      Thread.sleep(Duration.ofNanos(wanted.getIntervalUs() * 1_000L));
      GrpcCompression.compressResponses(context, wanted.getCompressed().getValue());
      responses.send(
          StreamingOutputCallResponse.newBuilder().setPayload(zeros(wanted.getSize())).build());
    }
  }

  private static Payload zeros(int bytes) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[bytes])).build();
  }

  private static void echoMetadata(RpcContext context) {
    GrpcMetadata request = GrpcMetadata.request(context);
    String initial = request.text(GrpcCases.INITIAL);
    if (initial != null) {
      GrpcMetadata.headers(context).add(GrpcCases.INITIAL, initial);
    }
    byte[] trailing = request.bytes(GrpcCases.TRAILING);
    if (trailing != null) {
      GrpcMetadata.trailers(context).add(GrpcCases.TRAILING, trailing);
    }
  }

  private static void refuse(boolean asked, EchoStatus status) {
    if (asked && status.getCode() != 0) {
      throw GrpcStatusException.of(GrpcCode.of(status.getCode()), status.getMessage());
    }
  }

  private static void checkCompressed(RpcContext context, boolean said, boolean expected) {
    if (said && GrpcCompression.wasCompressed(context) != expected) {
      throw GrpcStatusException.of(
          GrpcCode.INVALID_ARGUMENT,
          "the request came "
              + (expected ? "as it is (expected: compressed)" : "compressed (expected: as it is)"));
    }
  }
}
