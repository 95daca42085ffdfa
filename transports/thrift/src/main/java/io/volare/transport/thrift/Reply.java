package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/** A reply that is being written, in the form in which its request came. */
final class Reply {
  private static final int FIRST_CAPACITY = 256;

  /** A reply is often as large as its request; beyond this it shall grow with what is written. */
  private static final int MOST_FIRST_CAPACITY = 16 * 1024;

  private final ByteBuf out;
  private final ThriftWriter writer;
  private final int headerStart;
  private final int lengthAt;
  private final int messageStart;

  private Reply(ByteBuf out, int headerStart, int lengthAt) {
    this.out = out;
    this.messageStart = out.writerIndex();
    this.writer = new ThriftWriter(out);
    this.headerStart = headerStart;
    this.lengthAt = lengthAt;
  }

  static Reply begin(
      ServerConnection connection,
      Frame request,
      ThriftMessage envelope,
      byte type,
      MetaInfo metaInfo,
      @Nullable Throwable failure,
      boolean mayHaveExecuted,
      boolean lastOne) {
    int capacity = Math.clamp(request.size(), FIRST_CAPACITY, MOST_FIRST_CAPACITY);
    ByteBuf out = connection.channel().alloc().buffer(capacity);
    try {
      int headerStart = -1;
      if (request.form().hasHeader()) {
        boolean last = lastOne || connection.isDraining();
        headerStart =
            failure == null && !last && !metaInfo.hasBackward()
                ? writePlain(request, type, out)
                : header(request, type, metaInfo, failure, mayHaveExecuted, last).write(out);
      }
      int lengthAt = -1;
      if (request.form().isFramed()) {
        lengthAt = out.writerIndex();
        out.writeInt(0);
      }
      Reply reply = new Reply(out, headerStart, lengthAt);
      ThriftMessage.write(reply.writer, type, envelope.name(), envelope.sequence());
      return reply;
    } catch (RuntimeException unwritable) {
      out.release();
      throw unwritable;
    }
  }

  /** The header that says nothing but its type, which is that of nearly every reply. */
  private static int writePlain(Frame request, byte type, ByteBuf out) {
    int start = out.writerIndex();
    out.writeBytes(PLAIN[type]);
    out.setInt(start + TtHeader.SEQUENCE_AT, requireNonNull(request.header()).sequence());
    return start;
  }

  private static TtHeader header(
      Frame request,
      byte type,
      MetaInfo metaInfo,
      @Nullable Throwable failure,
      boolean mayHaveExecuted,
      boolean last) {
    TtHeader asked = requireNonNull(request.header());
    TtHeader header = new TtHeader();
    header.sequence(asked.sequence());
    header.value(IntKey.MESSAGE_TYPE, TYPES[type]);
    if (metaInfo.hasBackward()) {
      Peer peer = Peer.of(request);
      metaInfo.forEachBackward((key, value) -> backward(header, peer, key, value));
    }
    if (failure instanceof BusinessException business) {
      BizStatus.write(business, header);
    } else if (failure != null && Peer.of(request) == Peer.VOLARE) {
      FailureFacts.write(failure, mayHaveExecuted, header);
    }
    if (last) {
      header.value(ControlFrame.CONNECTION_RESET, ControlFrame.YES);
    }
    return header;
  }

  private static final String[] TYPES = {"0", "1", "2", "3", "4"};

  private static final byte[][] PLAIN = new byte[TYPES.length][];

  static {
    for (int type = 0; type < PLAIN.length; type++) {
      TtHeader header = new TtHeader();
      header.value(IntKey.MESSAGE_TYPE, TYPES[type]);
      ByteBuf bytes = Unpooled.buffer();
      header.write(bytes);
      PLAIN[type] = ByteBufUtil.getBytes(bytes);
    }
  }

  private static void backward(TtHeader header, Peer peer, String key, String value) {
    header.value(Names.RPC.backward(key), value);
    String raw = peer.rawName(key);
    if (raw != null && !BackwardKeys.isReserved(raw)) {
      header.value(raw, value);
    }
  }

  ThriftWriter writer() {
    return writer;
  }

  /** Refuses what the peer would not take either. */
  void checkSize(int mostBytes) {
    int bytes = out.writerIndex() - messageStart;
    if (bytes > mostBytes) {
      throw RpcException.of(
          Kind.RESOURCE_EXHAUSTED,
          "the reply is too large: %d B (limit: %d B)".formatted(bytes, mostBytes));
    }
  }

  ByteBuf finish() {
    if (lengthAt >= 0) {
      out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
    }
    if (headerStart >= 0) {
      TtHeader.finish(out, headerStart);
    }
    return out;
  }

  void release() {
    out.release();
  }
}
