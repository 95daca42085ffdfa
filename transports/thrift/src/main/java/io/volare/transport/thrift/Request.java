package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.metainfo.Names;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of one method have in common, encoded once, and the writing of the rest.
 * Immutable and thread-safe.
 *
 * <p>Of a TTHeader only the deadline and the metainfo differ between two calls of a method, so the
 * rest is kept as bytes. The header is the one that Kitex's clients send, and it says so by its
 * keys 1, 20 and 22: servers that answer each peer in its own form (business errors, backward
 * values) then choose Kitex's. Flag 0x0001 is set on every connection: it allows replies in any
 * order, and tells a draining server that this client reads its control frame.
 */
final class Request {
  private static final int STRINGS = 0x01;
  private static final int INTS = 0x10;
  private static final int TOKEN = 0x11;
  private static final int HEADER_SIZE_AT = 12;

  private final String caller;
  private final String callee;
  private final WireForm form;
  private final byte[] service;
  private final byte[] numbered;
  private final int numberedCount;
  private final byte[] envelope;
  private final int mostBytes;

  /** What the last request took; the first capacity of the next. A lost update does no harm. */
  private int usualBytes = 256;

  private static final int MOST_USUAL_BYTES = 16 * 1024;

  private Request(
      ThriftClientConfig config, MethodDescriptor method, String caller, String callee) {
    this.caller = caller;
    this.callee = callee;
    form = config.form();
    mostBytes = config.messageBytes();
    boolean oneway = method.kind() == MethodDescriptor.Kind.ONEWAY;
    byte type = oneway ? ThriftMessage.ONEWAY : ThriftMessage.CALL;
    service =
        bytes(out -> {
          text(out, "isn");
          text(out, method.service());
        });
    Numbered ints = new Numbered();
    numbered =
        bytes(out -> {
          ints.add(out, IntKey.TRANSPORT_TYPE, form.isFramed() ? "framed" : "unframed");
          ints.add(out, IntKey.FROM_SERVICE, caller);
          ints.add(out, IntKey.TO_SERVICE, callee);
          ints.add(out, IntKey.TO_METHOD, method.name());
          ints.add(out, IntKey.WITH_MESH_HEADER, "3"); // with 20 and 22: see Peer.VOLARE
          ints.add(out, IntKey.CONNECT_TIMEOUT, Long.toString(config.connectTimeout().toMillis()));
          ints.add(out, IntKey.FROM_METHOD, "");
          ints.add(out, IntKey.MESSAGE_TYPE, Integer.toString(type));
        });
    numberedCount = ints.count;
    envelope = bytes(out -> ThriftMessage.write(new ThriftWriter(out), type, method.name(), 0));
  }

  private boolean fits(RpcContext context) {
    return caller.equals(context.caller()) && callee.equals(context.callee());
  }

  /**
   * {@return one whole request with its sequence id open, in a direct buffer that the caller
   * releases unless it is written to a channel}
   *
   * @throws RpcException if it cannot be encoded; nothing was sent
   */
  ByteBuf encode(
      ThriftMethod<Object, @Nullable Object> method,
      RpcContext context,
      Object arguments,
      ByteBufAllocator allocator) {
    ByteBuf out = allocator.directBuffer(usualBytes);
    boolean whole = false;
    try {
      if (form.hasHeader()) {
        writeHeader(context, out);
      }
      int lengthAt = out.writerIndex();
      if (form.isFramed()) {
        out.writeInt(0);
      }
      out.writeBytes(envelope);
      method.args().write(arguments, new ThriftWriter(out));
      if (form.isFramed()) {
        out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
      }
      checkSize(context, out.writerIndex() - lengthAt);
      if (form.hasHeader()) {
        TtHeader.finish(out, 0);
      }
      whole = true;
    } catch (RpcException typed) {
      throw typed;
    } catch (RuntimeException wrong) {
      throw RpcException.notExecuted(
          Kind.INVALID_ARGUMENT,
          context.target() + ": the request cannot be encoded: " + wrong.getMessage(),
          wrong);
    } finally {
      if (!whole) {
        out.release();
      }
    }
    usualBytes = Math.min(MOST_USUAL_BYTES, Math.max(256, out.writerIndex()));
    return out;
  }

  private void checkSize(RpcContext context, int bytes) {
    if (bytes > mostBytes) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: a request of %d B (limit: %d B)".formatted(context.target(), bytes, mostBytes));
    }
  }

  /** Fills in the sequence id, in the header and in the envelope. */
  void sequence(ByteBuf request, int sequence) {
    int message = 0;
    if (form.hasHeader()) {
      request.setInt(TtHeader.SEQUENCE_AT, sequence);
      message = TtHeader.FIXED + 4 * request.getUnsignedShort(HEADER_SIZE_AT);
    }
    if (form.isFramed()) {
      message += 4;
    }
    request.setInt(message + envelope.length - 4, sequence);
  }

  private void writeHeader(RpcContext context, ByteBuf out) {
    out.writeInt(0).writeShort(TtHeader.MAGIC).writeShort(TtHeader.OUT_OF_ORDER);
    out.writeLong(0);
    if (context.metaInfo().hasForward()) {
      writeStrings(context, out);
    } else {
      out.writeByte(STRINGS).writeShort(1).writeBytes(service);
    }
    long remaining = context.deadline().remainingNanos();
    boolean finite = context.deadline().isFinite();
    out.writeByte(INTS).writeShort(numberedCount + (finite ? 1 : 0)).writeBytes(numbered);
    if (finite) {
      out.writeShort(IntKey.RPC_TIMEOUT);
      text(out, Long.toString(Math.max(1, remaining / 1_000_000)));
    }
    int size = out.writerIndex() - TtHeader.FIXED;
    int padding = -size & 3;
    out.writeZero(padding);
    if (size + padding > TtHeader.MOST_WRITTEN) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: %d B of header (limit: %d B): send less metainfo"
              .formatted(context.target(), size + padding, TtHeader.MOST_WRITTEN));
    }
    out.setShort(HEADER_SIZE_AT, (size + padding) / 4);
  }

  private void writeStrings(RpcContext context, ByteBuf out) {
    Strings strings = new Strings(out);
    context.metaInfo().forEachForward(Names.RPC, strings);
    if (strings.token != null) {
      out.writeByte(TOKEN);
      text(out, strings.token);
      strings = new Strings(out);
    }
    int head = out.writerIndex();
    out.writeByte(STRINGS).writeShort(0).writeBytes(service);
    strings.writing = true;
    context.metaInfo().forEachForward(Names.RPC, strings);
    out.setShort(head + 1, strings.count + 1);
  }

  /** Looks for the token first, which has a block of its own, then writes the others. */
  private static final class Strings implements BiConsumer<String, String> {
    private final ByteBuf out;
    private @Nullable String token;
    private boolean writing;
    private int count;

    Strings(ByteBuf out) {
      this.out = out;
    }

    @Override
    public void accept(String name, String value) {
      if (name.equals(TtHeader.TOKEN_NAME)) {
        token = value;
      } else if (writing) {
        text(out, name);
        text(out, value);
        count++;
      }
    }
  }

  private static void text(ByteBuf out, String text) {
    int head = out.writerIndex();
    out.writeShort(0);
    int bytes = out.writeCharSequence(text, StandardCharsets.UTF_8);
    if (bytes > 65_535) {
      throw new IllegalArgumentException(
          "a header string of " + bytes + " B (limit: 65535 B): send less metainfo");
    }
    out.setShort(head, bytes);
  }

  private static byte[] bytes(java.util.function.Consumer<ByteBuf> writing) {
    ByteBuf out = Unpooled.buffer(128);
    writing.accept(out);
    return io.netty.buffer.ByteBufUtil.getBytes(out);
  }

  private static final class Numbered {
    private int count;

    void add(ByteBuf out, int key, String value) {
      out.writeShort(key);
      text(out, value);
      count++;
    }
  }

  /**
   * The requests of all methods that a client calls, made when one is first called. Reading is
   * without locks; the map is replaced, never changed.
   */
  static final class Cache {
    private static final int MOST_METHODS = 4_096;

    private final ThriftClientConfig config;
    private volatile Map<MethodDescriptor, Request> known = Map.of();

    Cache(ThriftClientConfig config) {
      this.config = config;
    }

    Request of(RpcContext context) {
      Request request = known.get(context.method());
      return request != null && request.fits(context) ? request : make(context);
    }

    private synchronized Request make(RpcContext context) {
      Request made = new Request(config, context.method(), context.caller(), context.callee());
      if (known.size() < MOST_METHODS) {
        Map<MethodDescriptor, Request> more = new IdentityHashMap<>(known);
        more.put(context.method(), made);
        known = more;
      }
      return made;
    }
  }
}
