package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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

/**
 * A reply that is being written, in the form in which its request came. Closing it takes back what
 * is not {@linkplain #finish finished}.
 */
final class Reply implements AutoCloseable {
  /** Stands where a length is filled in when all is written. */
  private static final int OPEN_LENGTH = 0;

  private final ThriftWriter writer;
  private final boolean alone;
  private final int start;
  private boolean hasHeader;
  private boolean hasLength;
  private int lengthAt;
  private int messageStart;
  private boolean finished;

  private Reply(ThriftWriter writer, boolean alone) {
    this.writer = writer;
    this.alone = alone;
    this.start = writer.written();
  }

  /** {@return one of its own, written by any thread} */
  static Reply alone(ByteBufAllocator allocator) {
    ThriftWriter writer = new ThriftWriter(allocator);
    writer.open();
    return new Reply(writer, true);
  }

  /** {@return one behind those that {@code writer}, which is open, has written before} */
  static Reply behind(ThriftWriter writer) {
    return new Reply(writer, false);
  }

  /**
   * Writes all but the result.
   *
   * @throws IllegalArgumentException if there is too much metainfo for a header
   */
  void begin(
      Frame request,
      ThriftMessage envelope,
      byte type,
      MetaInfo metaInfo,
      @Nullable Throwable failure,
      boolean mayHaveExecuted,
      boolean last) {
    if (request.form().hasHeader()) {
      hasHeader = true;
      if (failure == null && !last && !metaInfo.hasBackward()) {
        writePlain(requireNonNull(request.header()).sequence(), type);
      } else {
        header(request, type, metaInfo, failure, mayHaveExecuted, last).write(writer.buffer());
      }
    }
    writeEnvelope(request.form(), type, envelope);
  }

  /** The header that says nothing but its type, which is that of nearly every reply. */
  private void writePlain(int sequence, byte type) {
    writer.writeI32(OPEN_LENGTH);
    writer.writeI32(TtHeader.MAGIC << 16);
    writer.writeI32(sequence);
    writer.writeRaw(PLAIN[type]);
  }

  private void writeEnvelope(WireForm form, byte type, ThriftMessage request) {
    if (form.isFramed()) {
      hasLength = true;
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

  /** Fills in the lengths; nothing more is to be written. */
  void finish() {
    int end = writer.written();
    if (hasLength) {
      writer.setI32(lengthAt, end - lengthAt - 4);
    }
    if (hasHeader) {
      writer.setI32(start, end - start - 4);
    }
    finished = true;
  }

  /** {@return how many bytes it has} */
  int written() {
    return writer.written() - start;
  }

  /**
   * {@return the bytes of one that is finished, alone and short, from the beginning of an array;
   * else null}
   *
   * @param spare that array, if it is long enough
   */
  byte @Nullable [] takeFew(byte[] spare) {
    return writer.takeHeld(spare, WriteBatch.MOST_COPIED);
  }

  /** {@return the bytes of one that is finished and alone, for the caller to release} */
  ByteBuf takeMany() {
    writer.close();
    return writer.buffer();
  }

  @Override
  public void close() {
    if (finished) {
      return;
    }
    if (alone) {
      writer.discard();
    } else {
      writer.truncate(start);
    }
  }
}
