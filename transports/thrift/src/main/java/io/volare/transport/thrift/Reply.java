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
  private static final int LEAST_CAPACITY = 256;

  /** A reply is often as large as its request; beyond this it shall grow with what is written. */
  private static final int MOST_CAPACITY = 16 * 1024;

  /** Stands where a length is filled in when all is written. */
  private static final int OPEN_LENGTH = 0;

  private final ByteBuf out;
  private final ThriftWriter writer;
  private boolean hasHeader;
  private int lengthAt = -1;
  private int messageStart;

  private Reply(ByteBuf out) {
    this.out = out;
    writer = new ThriftWriter(out);
    writer.open();
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
    int bytes = Math.clamp(request.size(), LEAST_CAPACITY, MOST_CAPACITY);
    Reply reply = new Reply(connection.replyBuffer(bytes));
    try {
      if (request.form().hasHeader()) {
        boolean last = lastOne || connection.isDraining();
        if (failure == null && !last && !metaInfo.hasBackward()) {
          reply.writePlain(requireNonNull(request.header()).sequence(), type);
        } else {
          reply.write(header(request, type, metaInfo, failure, mayHaveExecuted, last));
        }
      }
      reply.writeEnvelope(request.form(), type, envelope);
      return reply;
    } catch (RuntimeException unwritable) {
      reply.release();
      throw unwritable;
    }
  }

  private void write(TtHeader header) {
    hasHeader = true;
    header.write(writer.buffer());
  }

  /** The header that says nothing but its type, which is that of nearly every reply. */
  private void writePlain(int sequence, byte type) {
    hasHeader = true;
    writer.writeI32(OPEN_LENGTH);
    writer.writeI32(TtHeader.MAGIC << 16);
    writer.writeI32(sequence);
    writer.writeRaw(PLAIN[type]);
  }

  private void writeEnvelope(WireForm form, byte type, ThriftMessage request) {
    if (form.isFramed()) {
      lengthAt = writer.written();
      writer.writeI32(OPEN_LENGTH);
    }
    messageStart = writer.written();
    ThriftMessage.write(writer, type, request.name(), request.sequence());
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
      PLAIN[type] = ByteBufUtil.getBytes(bytes.skipBytes(TtHeader.SEQUENCE_AT + Integer.BYTES));
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
    int bytes = writer.written() - messageStart;
    if (bytes > mostBytes) {
      throw RpcException.of(
          Kind.RESOURCE_EXHAUSTED,
          "the reply is too large: %d B (limit: %d B)".formatted(bytes, mostBytes));
    }
  }

  ByteBuf finish() {
    writer.close();
    if (lengthAt >= 0) {
      out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
    }
    if (hasHeader) {
      TtHeader.finish(out, 0);
    }
    return out;
  }

  void release() {
    writer.discard();
    out.release();
  }
}
