package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.MetaInfoLimitException;
import io.volare.metainfo.Names;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a method's requests to one endpoint: what repeats is written once, the deadline,
 * metainfo and the user's metadata with each call. Immutable and thread-safe, but for what it knows
 * of their sizes.
 *
 * <p>The block is one that any thread may write, see {@link Hpack}; only the number of the stream
 * is left open, for the loop to fill in.
 */
final class RequestHead {
  /** The most that one frame of any peer takes; what is larger is refused. */
  private static final int MOST_BLOCK_BYTES = 16 * 1024;

  /** What HTTP/2 adds to each header when it counts a list's size. */
  private static final int OVERHEAD = 32;

  private final String caller;
  private final String callee;
  private final byte[] fixed;
  private final int fixedListBytes;
  private final MessageSizes sizes = new MessageSizes();

  private RequestHead(
      MethodDescriptor method,
      String caller,
      String callee,
      AsciiString scheme,
      AsciiString authority) {
    this.caller = caller;
    this.callee = callee;
    Writer writer = new Writer(Unpooled.buffer(256));
    writer.add(AsciiString.of(":method"), GrpcHeaders.POST);
    writer.add(AsciiString.of(":scheme"), scheme);
    writer.add(AsciiString.of(":path"), AsciiString.of("/" + method.fullName()));
    writer.add(AsciiString.of(":authority"), authority);
    writer.add(GrpcHeaders.TE, GrpcHeaders.TRAILERS);
    writer.add(GrpcHeaders.CONTENT_TYPE, GrpcHeaders.CONTENT_TYPE_GRPC);
    writer.add(GrpcHeaders.USER_AGENT, GrpcHeaders.VOLARE);
    writer.add(GrpcHeaders.ACCEPT_ENCODING, Compression.ACCEPTED);
    writer.addName(GrpcHeaders.SOURCE_SERVICE, caller);
    writer.addName(GrpcHeaders.DESTINATION_SERVICE, callee);
    fixed = ByteBufUtil.getBytes(writer.out);
    fixedListBytes = writer.listBytes;
  }

  /** {@return how large the method's requests are} */
  MessageSizes sizes() {
    return sizes;
  }

  private boolean fits(RpcContext context) {
    return caller.equals(context.caller()) && callee.equals(context.callee());
  }

  /**
   * Writes a HEADERS frame with its stream left open.
   *
   * @param ends whether the request ends with it
   * @param noTable whether the block must say that it uses no table
   * @return the size of the list as HTTP/2 counts it
   * @throws RpcException if the headers are too large or cannot be sent; nothing was
   */
  int write(
      ByteBuf out, RpcContext context, Compression compression, boolean ends, boolean noTable) {
    int start = Hpack.beginFrame(out);
    if (noTable) {
      out.writeByte(Hpack.NO_TABLE);
    }
    out.writeBytes(fixed);
    Writer writer = new Writer(out);
    if (compression != Compression.IDENTITY) {
      writer.add(GrpcHeaders.ENCODING, compression.wireName());
    }
    if (context.deadline().isFinite()) {
      writer.add(GrpcHeaders.TIMEOUT, GrpcHeaders.timeout(context.deadline().remainingNanos()));
    }
    writeMetaInfo(context, writer);
    writer.addAll(GrpcMetadata.givenOrNull(context));
    writer.addAll(GrpcMetadata.requestOrNull(context));
    int bytes = out.writerIndex() - start - Hpack.FRAME_HEADER_BYTES;
    if (bytes > MOST_BLOCK_BYTES) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: %d B of headers (limit: %d B): send less metadata"
              .formatted(context.target(), bytes, MOST_BLOCK_BYTES));
    }
    Hpack.endHeaders(out, start, ends ? Hpack.END_STREAM : 0, 0);
    return fixedListBytes + writer.listBytes;
  }

  private static void writeMetaInfo(RpcContext context, Writer writer) {
    MetaInfo metaInfo = context.metaInfo();
    if (!metaInfo.hasForward()) {
      return;
    }
    try {
      metaInfo.forEachForward(
          Names.HTTP, (name, value) -> writer.add(new AsciiString(name), new AsciiString(value)));
    } catch (MetaInfoLimitException wrong) {
      throw RpcException.notExecuted(
          Kind.INVALID_ARGUMENT, context.target() + ": " + wrong.getMessage(), wrong);
    }
  }

  /** Adds headers and counts what they come to. */
  private static final class Writer {
    private final ByteBuf out;
    private int listBytes;

    Writer(ByteBuf out) {
      this.out = out;
    }

    void add(AsciiString name, AsciiString value) {
      Hpack.literal(out, name, value);
      listBytes += name.length() + value.length() + OVERHEAD;
    }

    void addAll(@Nullable GrpcMetadata metadata) {
      if (metadata != null) {
        metadata.forEachHeader(this::add);
      }
    }

    /** Names of services are for people; what a header cannot hold is left out. */
    void addName(AsciiString name, String value) {
      if (!value.isEmpty() && value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
        add(name, AsciiString.of(value));
      }
    }
  }

  /**
   * The heads of all methods that are called at one endpoint, made when one is first called.
   * Reading is without locks; the map is replaced, never changed.
   */
  static final class Cache {
    private static final int MOST_METHODS = 4_096;

    private final AsciiString scheme;
    private final AsciiString authority;
    private volatile Map<MethodDescriptor, RequestHead> known = Map.of();

    Cache(AsciiString scheme, String authority) {
      this.scheme = scheme;
      this.authority = AsciiString.of(authority);
    }

    RequestHead of(RpcContext context) {
      RequestHead head = known.get(context.method());
      return head != null && head.fits(context) ? head : make(context);
    }

    private synchronized RequestHead make(RpcContext context) {
      RequestHead made =
          new RequestHead(context.method(), context.caller(), context.callee(), scheme, authority);
      if (known.size() < MOST_METHODS) {
        Map<MethodDescriptor, RequestHead> more = new IdentityHashMap<>(known);
        more.put(context.method(), made);
        known = more;
      }
      return made;
    }
  }
}
