package io.volare.transport.grpc;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Note;
import io.volare.transport.contract.NoteRefused;
import org.jspecify.annotations.Nullable;

/**
 * The contract's notes as messages of Protobuf, at both ends. Protobuf declares no exceptions: as a
 * user would, the handler throws a status with a detail, and the client reads it from there.
 */
final class ContractMessages {
  private ContractMessages() {}

  static MethodDescriptor method(ContractMethod method) {
    return method.returnsNote()
        ? new ProtobufMethod<>(
            method.service(),
            method.name(),
            method.kind(),
            method.idempotent(),
            StringValue.parser(),
            StringValue.parser())
        : new ProtobufMethod<>(
            method.service(),
            method.name(),
            method.kind(),
            method.idempotent(),
            StringValue.parser(),
            Empty.parser());
  }

  static ServiceBinding overProtobuf(ServiceBinding notes) {
    return new ServiceBinding(
        notes.service(),
        notes.methods(),
        (context, request) -> {
          try {
            Object answer = notes.handler().call(context, fromMessage(request));
            boolean single =
                context.method().kind() != MethodDescriptor.Kind.SERVER_STREAM
                    && context.method().kind() != MethodDescriptor.Kind.BIDI_STREAM;
            return answer == null && single ? Empty.getDefaultInstance() : toMessage(answer);
          } catch (NoteRefused refused) {
            throw GrpcStatusException.of(GrpcCode.FAILED_PRECONDITION, "refused")
                .withDetail(StringValue.of(refused.reason()));
          }
        });
  }

  static Service<RpcContext, Object, @Nullable Object> overNotes(
      Service<RpcContext, Object, @Nullable Object> transport) {
    return (context, request) -> {
      try {
        Object plain = request == Duplex.NO_REQUEST ? request : toMessage(request);
        return fromMessage(transport.call(context, plain));
      } catch (GrpcStatusException status) {
        StringValue reason = status.detail(StringValue.class);
        throw reason == null ? status : new NoteRefused(reason.getValue());
      }
    };
  }

  private static Object toMessage(Object value) {
    return value instanceof Note note ? StringValue.of(note.text()) : value;
  }

  private static Object fromMessage(Object value) {
    return switch (value) {
      case StringValue text -> new Note(text.getValue());
      case Duplex<?, ?> ends -> new Duplex<>(new Notes(ends.source()), new Messages(ends.sink()));
      case Empty nothing -> null;
      case null -> null;
      default -> value;
    };
  }

  private record Notes(Source<?> messages) implements Source<Object> {
    @Override
    public Object receive() throws InterruptedException {
      return fromMessage(messages.receive());
    }

    @Override
    public void close() {
      messages.close();
    }
  }

  private record Messages(Sink<?> sink) implements Sink<Object> {
    @Override
    @SuppressWarnings("unchecked")
    public void send(Object note) throws InterruptedException {
      ((Sink<MessageLite>) sink).send((MessageLite) toMessage(note));
    }

    @Override
    public void complete() {
      sink.complete();
    }
  }
}
