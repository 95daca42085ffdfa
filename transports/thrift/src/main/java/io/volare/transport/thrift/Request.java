package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
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
import java.util.function.Consumer;
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
    envelope = bytes(out -> ThriftMessage.write(out, type, method.name(), 0));
  }

  private boolean fits(RpcContext context) {
    return caller.equals(context.caller()) && callee.equals(context.callee());
  }

  /**
   * {@return one whole request with its sequence id open, for the caller to release unless it is
   * sent}
   *
   * @throws RpcException if it cannot be encoded; nothing was sent
   */
  RequestBytes encode(
      ThriftMethod<Object, @Nullable Object> method, RpcContext context, Object arguments) {
    ThriftWriter out = new ThriftWriter(ByteBufAllocator.DEFAULT);
    out.open();
    boolean whole = false;
    try {
      write(method, context, arguments, out);
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
        out.discard();
      }
    }
    return RequestBytes.of(out);
  }

  private void write(
      ThriftMethod<Object, @Nullable Object> method,
      RpcContext context,
      Object arguments,
      ThriftWriter out) {
    if (form.hasHeader()) {
      writeHeader(context, out);
    }
    int lengthAt = out.written();
    if (form.isFramed()) {
      out.writeI32(0);
    }
    out.writeRaw(envelope);
    method.args().write(arguments, out);
    int end = out.written();
    if (form.isFramed()) {
      out.setI32(lengthAt, end - lengthAt - 4);
    }
    checkSize(context, end - lengthAt);
    if (form.hasHeader()) {
      out.setI32(0, end - 4);
    }
  }

  private void checkSize(RpcContext context, int bytes) {
    if (bytes > mostBytes) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: a request of %d B (limit: %d B)".formatted(context.target(), bytes, mostBytes));
    }
  }

  /** Fills in the sequence id, in the header and in the envelope. */
  void sequence(RequestBytes request, int sequence) {
    int message = 0;
    if (form.hasHeader()) {
      request.setI32(TtHeader.SEQUENCE_AT, sequence);
      message = TtHeader.FIXED + 4 * request.unsignedShort(HEADER_SIZE_AT);
    }
    if (form.isFramed()) {
      message += 4;
    }
    request.setI32(message + envelope.length - 4, sequence);
  }

  private void writeHeader(RpcContext context, ThriftWriter out) {
    out.writeI32(0);
    out.writeI32(TtHeader.MAGIC << 16 | TtHeader.OUT_OF_ORDER);
    out.writeI32(0);
    out.writeI32(0);
    if (context.metaInfo().hasForward()) {
      writeStrings(context, out);
    } else {
      writeStringsBegin(out, 0);
    }
    long remaining = context.deadline().remainingNanos();
    boolean finite = context.deadline().isFinite();
    out.writeByte((byte) INTS);
    out.writeI16((short) (numberedCount + (finite ? 1 : 0)));
    out.writeRaw(numbered);
    if (finite) {
      out.writeI16((short) IntKey.RPC_TIMEOUT);
      decimal(out, Math.max(1, remaining / 1_000_000));
    }
    while ((out.written() - TtHeader.FIXED & 3) != 0) {
      out.writeByte((byte) 0);
    }
    int size = out.written() - TtHeader.FIXED;
    if (size > TtHeader.MOST_WRITTEN) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: %d B of header (limit: %d B): send less metainfo"
              .formatted(context.target(), size, TtHeader.MOST_WRITTEN));
    }
    out.setI32(HEADER_SIZE_AT, size / 4 << 16); // protocol id and transforms, both 0, follow
  }

  /** The service's name comes first, then as many others. */
  private void writeStringsBegin(ThriftWriter out, int others) {
    out.writeByte((byte) STRINGS);
    out.writeI16((short) (1 + others));
    out.writeRaw(service);
  }

  private void writeStrings(RpcContext context, ThriftWriter out) {
    Strings strings = new Strings(out);
    context.metaInfo().forEachForward(Names.RPC, strings);
    if (strings.token != null) {
      out.writeByte((byte) TOKEN);
      text(out, strings.token);
    }
    writeStringsBegin(out, strings.count);
    strings.writing = true;
    context.metaInfo().forEachForward(Names.RPC, strings);
  }

  /** Counts, and finds the token, which has a block of its own; then writes the others. */
  private static final class Strings implements BiConsumer<String, String> {
    private final ThriftWriter out;
    private @Nullable String token;
    private boolean writing;
    private int count;

    Strings(ThriftWriter out) {
      this.out = out;
    }

    @Override
    public void accept(String name, String value) {
      if (name.equals(TtHeader.TOKEN_NAME)) {
        token = value;
      } else if (writing) {
        text(out, name);
        text(out, value);
      } else {
        count++;
      }
    }
  }

  private static void text(ThriftWriter out, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > 65_535) {
      throw new IllegalArgumentException(
          "a header string of " + utf8.length + " B (limit: 65535 B): send less metainfo");
    }
    out.writeI16((short) utf8.length);
    out.writeRaw(utf8);
  }

  /** A number of one digit at least, as text. */
  private static void decimal(ThriftWriter out, long number) {
    int digits = 1;
    long unit = 1;
    while (number / unit >= 10) {
      unit *= 10;
      digits++;
    }
    out.writeI16((short) digits);
    for (; unit > 0; unit /= 10) {
      out.writeByte((byte) ('0' + number / unit % 10));
    }
  }

  private static byte[] bytes(Consumer<ThriftWriter> writing) {
    ByteBuf out = Unpooled.buffer(128);
    writing.accept(new ThriftWriter(out));
    return ByteBufUtil.getBytes(out);
  }

  private static final class Numbered {
    private int count;

    void add(ThriftWriter out, int key, String value) {
      out.writeI16((short) key);
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
