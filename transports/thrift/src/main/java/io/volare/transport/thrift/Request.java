package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/**
 * An encoded request whose sequence id is still open: it is stamped when a connection is chosen,
 * and again if the call moves to another one before a byte of it was written.
 *
 * @param bytes the whole frame
 * @param headerStart where the TTHeader starts, or -1
 * @param sequenceAt where the envelope's sequence id stands
 */
record Request(ByteBuf bytes, int headerStart, int sequenceAt) {
  private static final int FIRST_CAPACITY = 512;

  static Request encode(
      ThriftMethod<Object, @Nullable Object> method,
      Object arguments,
      RpcContext context,
      ThriftClientConfig config) {
    ByteBuf out = ByteBufAllocator.DEFAULT.directBuffer(FIRST_CAPACITY);
    try {
      WireForm form = config.form();
      int headerStart = form.hasHeader() ? header(method, context, config).write(out) : -1;
      int lengthAt = -1;
      if (form.isFramed()) {
        lengthAt = out.writerIndex();
        out.writeInt(0);
      }
      int messageAt = out.writerIndex();
      ThriftWriter writer = new ThriftWriter(out);
      byte type = method.kind() == Kind.ONEWAY ? ThriftMessage.ONEWAY : ThriftMessage.CALL;
      ThriftMessage.write(writer, type, method.name(), 0);
      int sequenceAt = out.writerIndex() - 4;
      method.args().write(arguments, writer);
      checkSize(context, out.writerIndex() - messageAt, config.messageBytes());
      if (lengthAt >= 0) {
        out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
      }
      if (headerStart >= 0) {
        TtHeader.finish(out, headerStart);
      }
      return new Request(out, headerStart, sequenceAt);
    } catch (Throwable unwritable) {
      out.release();
      throw unwritable;
    }
  }

  private static void checkSize(RpcContext context, int bytes, int limit) {
    if (bytes > limit) {
      throw io.volare.rpc.RpcException.notExecuted(
          io.volare.motore.Failure.Kind.RESOURCE_EXHAUSTED,
          context.target() + ": a request of " + bytes + " B (limit: " + limit + " B)");
    }
  }

  private static TtHeader header(
      ThriftMethod<?, ?> method, RpcContext context, ThriftClientConfig config) {
    TtHeader header = new TtHeader();
    header.flags(TtHeader.OUT_OF_ORDER);
    header.value(IntKey.TRANSPORT_TYPE, config.form().isFramed() ? "framed" : "unframed");
    header.value(IntKey.FROM_SERVICE, context.caller());
    header.value(IntKey.TO_SERVICE, context.callee());
    header.value(IntKey.TO_METHOD, method.name());
    header.value(IntKey.FROM_METHOD, "");
    header.value(IntKey.MESSAGE_TYPE, method.kind() == Kind.ONEWAY ? "4" : "1");
    if (context.deadline().isFinite()) {
      long millis = Math.max(1, context.deadline().remainingNanos() / 1_000_000);
      header.value(IntKey.RPC_TIMEOUT, Long.toString(millis));
    }
    Endpoint endpoint = context.endpoint();
    if (endpoint != null) {
      header.value(IntKey.DEST_ADDRESS, endpoint.address().toString());
    }
    header.value("isn", method.service());
    MetaInfo metaInfo = context.metaInfo();
    if (metaInfo.hasForward()) {
      metaInfo.forEachForward(Names.RPC, header::value);
    }
    return header;
  }

  void stamp(int sequence) {
    if (headerStart >= 0) {
      bytes.setInt(headerStart + 8, sequence);
    }
    bytes.setInt(sequenceAt, sequence);
  }
}
