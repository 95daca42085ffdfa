package io.volare.transport.thrift;

import io.volare.codec.thrift.ApplicationError;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a reply on the calling thread.
 *
 * <p>A business error in the header wins over any body: Kitex sends it beside an empty result, Volo
 * beside an exception. The message type of the envelope counts, not that of the header, which Volo
 * writes as one raw byte. An exception is taken whatever its name and sequence id; a result only if
 * both are those of the request.
 */
final class Answer {
  /** Thrift's application exception types for what a client finds wrong with a reply. */
  private static final int INVALID_MESSAGE_TYPE = 2;

  private static final int WRONG_METHOD_NAME = 3;
  private static final int BAD_SEQUENCE_ID = 4;
  private static final int PROTOCOL_ERROR = 7;

  private Answer() {}

  /**
   * {@return the sequence id in the envelope of {@code reply}, 0 if it has none to be read; then
   * nobody waits for it}
   */
  static int sequence(Frame reply) {
    long name = BigEndian.unsignedInt(reply.bytes(), reply.from() + 4);
    long at = reply.from() + 8 + name;
    return at + 4 > reply.end() ? 0 : BigEndian.i32(reply.bytes(), (int) at);
  }

  /**
   * {@return the value, null for void}
   *
   * @throws Exception a declared exception as itself, or an {@link RpcException}
   */
  static @Nullable Object read(
      Frame frame,
      ThriftMethod<Object, @Nullable Object> method,
      RpcContext context,
      int sequence,
      ThriftLimits limits)
      throws Exception {
    context.wire().received(frame.size());
    TtHeader header = frame.header();
    if (header != null && header.strings() > 0) {
      takeBackward(header, context.metaInfo());
      BusinessException business = BizStatus.read(header);
      if (business != null) {
        throw business;
      }
    }
    ThriftReader in = frame.reader(limits);
    ThriftMessage envelope = ThriftMessage.read(in, context.method().name());
    if (envelope.type() == ThriftMessage.EXCEPTION) {
      RpcException said = ApplicationError.read(in).toFailure(context.target());
      throw orDeadline(FailureFacts.read(header, said), context);
    }
    check(envelope, context, sequence);
    Object value = method.result().read(in);
    if (in.remaining() > 0) {
      throw wrong(context, in.remaining() + " B behind the result", "none", PROTOCOL_ERROR);
    }
    return value;
  }

  /** A server that gives up at the deadline may be heard before this side's own clock says so. */
  private static RpcException orDeadline(RpcException failure, RpcContext context) {
    return failure.kind() == Kind.INTERNAL && context.deadline().isExpired()
        ? RpcException.of(Kind.DEADLINE_EXCEEDED, String.valueOf(failure.getMessage()), failure)
        : failure;
  }

  private static void check(ThriftMessage envelope, RpcContext context, int sequence) {
    if (envelope.type() != ThriftMessage.REPLY) {
      throw wrong(context, "message type " + envelope.type(), "2 or 3", INVALID_MESSAGE_TYPE);
    }
    if (envelope.sequence() != sequence) {
      throw wrong(
          context,
          "a reply with sequence id " + envelope.sequence(),
          Integer.toString(sequence),
          BAD_SEQUENCE_ID);
    }
    if (!envelope.name().equals(context.method().name())) {
      throw wrong(
          context,
          "a reply of method " + envelope.name(),
          context.method().name(),
          WRONG_METHOD_NAME);
    }
  }

  private static ThriftProtocolException wrong(
      RpcContext context, String found, String expected, int code) {
    return new ThriftProtocolException(
        "%s: %s (expected: %s; application exception %d)"
            .formatted(context.target(), found, expected, code));
  }

  /** Kitex's keys come raw, Volo's with a prefix, ours both ways. */
  private static void takeBackward(TtHeader header, MetaInfo metaInfo) {
    Received received = new Received(metaInfo, Names.RPC);
    header.forEachString((name, value) -> {
      if (!received.backward(name, value) && !BackwardKeys.isReserved(name)) {
        received.rawBackward(name, value);
      }
    });
    received.deliver();
  }

  /** {@return what came out of reading a reply, with the call's name where it has none} */
  static Exception failure(Exception thrown, RpcContext context) {
    if (thrown instanceof ThriftProtocolException wrong
        && !String.valueOf(wrong.getMessage()).startsWith(context.target())) {
      return RpcException.of(
          Kind.PROTOCOL,
          context.target() + ": the reply is not valid: " + wrong.getMessage(),
          wrong);
    }
    if (thrown instanceof RuntimeException && !(thrown instanceof RpcException)) {
      return RpcException.of(
          Kind.PROTOCOL, context.target() + ": the reply cannot be read: " + thrown, thrown);
    }
    return thrown;
  }
}
