package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.netty.util.AsciiString;
import io.volare.motore.Attribute;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a user sends beside the messages of a call: names and values in order, a name more than once
 * if need be. Names are lower case; a name that ends in {@code -bin} has bytes for values, any
 * other printable ASCII.
 *
 * <p>A call has three: {@link #request}, {@link #headers} and {@link #trailers}. Whoever sends one
 * fills it, whoever receives one reads it. What the protocol itself says and metainfo are not in
 * them.
 *
 * <p>Mutable, and owned by the thread of the call.
 */
public final class GrpcMetadata {
  private static final Attribute<GrpcMetadata> REQUEST = Attribute.perCall("gRPC request metadata");
  private static final Attribute<GrpcMetadata> HEADERS =
      Attribute.perAttempt("gRPC response headers");
  private static final Attribute<GrpcMetadata> TRAILERS =
      Attribute.perAttempt("gRPC response trailers");

  private static final Attribute<GrpcMetadata> GIVEN = Attribute.perCall("gRPC metadata given");

  private static final String BINARY = "-bin";

  /** Names and values in turn; a value is a string or bytes. */
  private final List<Object> pairs = new ArrayList<>();

  private GrpcMetadata() {}

  /** {@return one without entries} */
  public static GrpcMetadata create() {
    return new GrpcMetadata();
  }

  /**
   * {@return what goes with the request} At a client it is sent with every attempt; at a server it
   * is what the caller sent.
   */
  public static GrpcMetadata request(RpcContext context) {
    return of(context, REQUEST);
  }

  /**
   * {@return what goes with the head of the response} At a server it is sent before the first
   * message; at a client it is what came, empty until then.
   */
  public static GrpcMetadata headers(RpcContext context) {
    return of(context, HEADERS);
  }

  /**
   * {@return what goes with the end of the response} At a server it is sent with the status; at a
   * client it is what came, empty until then.
   */
  public static GrpcMetadata trailers(RpcContext context) {
    return of(context, TRAILERS);
  }

  /** {@return a copy of {@code options} whose calls send these entries, as they are now} */
  public CallOptions in(CallOptions options) {
    GrpcMetadata copy = new GrpcMetadata();
    copy.addAll(this);
    return options.withAttribute(GIVEN, copy);
  }

  private static GrpcMetadata of(RpcContext context, Attribute<GrpcMetadata> which) {
    GrpcMetadata known = context.get(which);
    if (known == null) {
      known = new GrpcMetadata();
      context.set(which, known);
    }
    return known;
  }

  /** {@return what the call's options say to send, or null} */
  static @Nullable GrpcMetadata givenOrNull(RpcContext context) {
    return context.get(GIVEN);
  }

  static @Nullable GrpcMetadata requestOrNull(RpcContext context) {
    return context.get(REQUEST);
  }

  static @Nullable GrpcMetadata headersOrNull(RpcContext context) {
    return context.get(HEADERS);
  }

  static @Nullable GrpcMetadata trailersOrNull(RpcContext context) {
    return context.get(TRAILERS);
  }

  /** At a server: what came with the request. */
  static void receivedRequest(RpcContext context, @Nullable GrpcMetadata received) {
    if (received != null) {
      context.set(REQUEST, received);
    }
  }

  /** At a client: what came with the head of the response. */
  static void receivedHeaders(RpcContext context, @Nullable GrpcMetadata received) {
    GrpcResponse.receivedHeaders(context, received);
    fill(context, HEADERS, received);
  }

  /** At a client: what came with the end of the response. */
  static void receivedTrailers(RpcContext context, @Nullable GrpcMetadata received) {
    GrpcResponse.receivedTrailers(context, received);
    fill(context, TRAILERS, received);
  }

  /** Who asked for it early, before a stream began, holds the one that is filled. */
  private static void fill(
      RpcContext context, Attribute<GrpcMetadata> which, @Nullable GrpcMetadata received) {
    if (received == null) {
      return;
    }
    GrpcMetadata known = context.get(which);
    if (known == null) {
      context.set(which, received);
    } else {
      known.addAll(received);
    }
  }

  /**
   * Adds an entry of text.
   *
   * @return this
   * @throws IllegalArgumentException if the name is not a header's, is the protocol's own or ends
   *     in {@code -bin}, or the value is not printable ASCII
   */
  public GrpcMetadata add(String name, String value) {
    String lower = checked(name);
    if (lower.endsWith(BINARY)) {
      throw new IllegalArgumentException(
          "name: " + lower + " with a text (expected: bytes for a name that ends in -bin)");
    }
    checkPrintable(lower, value);
    pairs.add(lower);
    pairs.add(value);
    return this;
  }

  /**
   * Adds an entry of bytes, which are copied.
   *
   * @return this
   * @throws IllegalArgumentException if the name is not a header's, is the protocol's own, or does
   *     not end in {@code -bin}
   */
  public GrpcMetadata add(String name, byte[] value) {
    String lower = checked(name);
    if (!lower.endsWith(BINARY)) {
      throw new IllegalArgumentException(
          "name: " + lower + " with bytes (expected: a name that ends in -bin)");
    }
    pairs.add(lower);
    pairs.add(value.clone());
    return this;
  }

  private static String checked(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')) {
        throw new IllegalArgumentException(
            "name: %s: character U+%04X at %d (expected: a-z, 0-9, '-', '_' or '.')"
                .formatted(name, (int) c, i));
      }
    }
    if (GrpcHeaders.isReserved(lower)) {
      throw new IllegalArgumentException(
          "name: '" + name + "' (expected: none that gRPC or HTTP/2 uses itself)");
    }
    return lower;
  }

  private static void checkPrintable(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        throw new IllegalArgumentException(
            "value of %s: character U+%04X at %d (expected: printable ASCII; other bytes go under"
                    .formatted(name, (int) c, i)
                + " a name that ends in -bin)");
      }
    }
  }

  /** Takes a header as it came; bytes that are not base64 are dropped. */
  void receive(CharSequence name, CharSequence value) {
    String known = name.toString();
    if (!known.endsWith(BINARY)) {
      pairs.add(known);
      pairs.add(value.toString());
      return;
    }
    for (String one : value.toString().split(",", -1)) {
      byte[] bytes = GrpcHeaders.unbase64(one);
      if (bytes != null) {
        pairs.add(known);
        pairs.add(bytes);
      }
    }
  }

  /** {@return the last text under {@code name}, or null} */
  public @Nullable String text(String name) {
    for (int i = pairs.size() - 2; i >= 0; i -= 2) {
      if (isText(i, name)) {
        return (String) pairs.get(i + 1);
      }
    }
    return null;
  }

  /** {@return all texts under {@code name}, in order} */
  public List<String> texts(String name) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i += 2) {
      if (isText(i, name)) {
        found.add((String) pairs.get(i + 1));
      }
    }
    return List.copyOf(found);
  }

  private boolean isText(int at, String name) {
    return pairs.get(at).equals(name) && pairs.get(at + 1) instanceof String;
  }

  /** {@return a copy of the last bytes under {@code name}, or null} */
  public byte @Nullable [] bytes(String name) {
    for (int i = pairs.size() - 2; i >= 0; i -= 2) {
      if (pairs.get(i).equals(name) && pairs.get(i + 1) instanceof byte[] bytes) {
        return bytes.clone();
      }
    }
    return null;
  }

  /** {@return copies of all bytes under {@code name}, in order} */
  public List<byte[]> allBytes(String name) {
    List<byte[]> found = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i += 2) {
      if (pairs.get(i).equals(name) && pairs.get(i + 1) instanceof byte[] bytes) {
        found.add(bytes.clone());
      }
    }
    return List.copyOf(found);
  }

  /** {@return the names, in order, each once} */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i += 2) {
      String name = (String) pairs.get(i);
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return List.copyOf(names);
  }

  /** {@return how many entries there are} */
  public int size() {
    return pairs.size() / 2;
  }

  /** Adds all entries of {@code other}. */
  public void addAll(GrpcMetadata other) {
    pairs.addAll(requireNonNull(other, "other").pairs);
  }

  /** Tells each entry as it travels. */
  void forEachHeader(BiConsumer<AsciiString, AsciiString> wire) {
    for (int i = 0; i < pairs.size(); i += 2) {
      AsciiString value =
          pairs.get(i + 1) instanceof byte[] bytes
              ? GrpcHeaders.base64(bytes)
              : new AsciiString((String) pairs.get(i + 1));
      wire.accept(new AsciiString((String) pairs.get(i)), value);
    }
  }

  /** {@return the names, never the values, which may be secrets} */
  @Override
  public String toString() {
    return "GrpcMetadata" + names();
  }
}
