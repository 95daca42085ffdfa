package io.volare.benchmarks;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.volare.benchmarks.streams.Chunk;

/** Streams in each direction, as grpc-java wants them written. */
final class JvmStreams {
  private JvmStreams() {}

  static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("streams.Streams")
        .addMethod(
            method("up", MethodDescriptor.MethodType.CLIENT_STREAMING),
            ServerCalls.asyncClientStreamingCall(Up::new))
        .addMethod(
            method("down", MethodDescriptor.MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall(JvmStreams::down))
        .addMethod(
            method("both", MethodDescriptor.MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(Both::new))
        .build();
  }

  private static MethodDescriptor<Chunk, Chunk> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<Chunk, Chunk>newBuilder()
        .setType(type)
        .setFullMethodName("streams.Streams/" + name)
        .setRequestMarshaller(ProtoUtils.marshaller(Chunk.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(Chunk.getDefaultInstance()))
        .build();
  }

  /** Sends while there is room, and goes on when it is told that there is some again. */
  private static void down(Chunk request, StreamObserver<Chunk> answers) {
    ServerCallStreamObserver<Chunk> back = (ServerCallStreamObserver<Chunk>) answers;
    back.setOnReadyHandler(
        new Runnable() {
          private long left = request.getCount();

          @Override
          public void run() {
            while (left > 0 && back.isReady()) {
              back.onNext(Chunk.newBuilder().setData(request.getData()).build());
              left--;
              if (left == 0) {
                back.onCompleted();
              }
            }
          }
        });
  }

  private abstract static class Receiver implements StreamObserver<Chunk> {
    final StreamObserver<Chunk> back;

    Receiver(StreamObserver<Chunk> back) {
      this.back = back;
    }

    @Override
    public void onError(Throwable ended) {}
  }

  private static final class Up extends Receiver {
    private long count;

    Up(StreamObserver<Chunk> back) {
      super(back);
    }

    @Override
    public void onNext(Chunk chunk) {
      count++;
    }

    @Override
    public void onCompleted() {
      back.onNext(Chunk.newBuilder().setCount(count).build());
      back.onCompleted();
    }
  }

  private static final class Both extends Receiver {
    Both(StreamObserver<Chunk> back) {
      super(back);
    }

    @Override
    public void onNext(Chunk chunk) {
      back.onNext(chunk);
    }

    @Override
    public void onCompleted() {
      back.onCompleted();
    }
  }
}
