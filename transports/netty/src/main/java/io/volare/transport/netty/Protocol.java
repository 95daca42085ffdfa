package io.volare.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One way to talk on a {@link ServerPort}: says which connections are its own by their first bytes,
 * and takes them over. Thread-safe; it may be offered on several ports at a time.
 */
public interface Protocol {
  /** {@return what it is called where a connection is refused, for instance {@code Thrift}} */
  String name();

  /**
   * {@return the names it goes by in TLS's ALPN; none unless said otherwise}
   *
   * <p>Over TLS a protocol that has such names is chosen by them alone, never by its first bytes,
   * unless {@link #withoutAlpn} says otherwise.
   */
  default Set<String> alpn() {
    return Set.of();
  }

  /**
   * {@return whether a client that names nothing by ALPN may speak it over TLS, as its first bytes
   * say} By default where it has no names there.
   */
  default boolean withoutAlpn() {
    return alpn().isEmpty();
  }

  /**
   * {@return whether a connection that begins with {@code first} is this protocol's}
   *
   * <p>Asked on the event loop, only where the port offers other protocols too, and again with more
   * bytes after {@link Match#MORE}. The verdict depends on the bytes alone, not on how they were
   * split; {@code first} stays as it is.
   */
  Match match(ByteBuf first);

  /**
   * Takes over a connection, on its event loop: adds the handlers to the end of its pipeline. They
   * see the channel become active afterwards, and then all of its bytes.
   *
   * @param port which has accepted it
   */
  Connection open(Channel channel, ServerPort port);

  /** What first bytes say. */
  enum Match {
    /** They are this protocol's. */
    YES,
    /** They never will be. */
    NO,
    /** More of them will tell. */
    MORE;

    /** {@return whether {@code first} begins with {@code preface}, as far as it goes} */
    public static Match startsWith(ByteBuf first, byte[] preface) {
      int at = first.readerIndex();
      int known = Math.min(first.readableBytes(), preface.length);
      for (int i = 0; i < known; i++) {
        if (first.getByte(at + i) != preface[i]) {
          return NO;
        }
      }
      return known == preface.length ? YES : MORE;
    }
  }

  /** A connection that a protocol has taken over. Thread-safe. */
  interface Connection {
    /**
     * The port is draining: the peer shall be told to go elsewhere, and the connection is to close
     * once nothing can be lost by it. Called more than once, from any thread.
     */
    void announceDrain();

    /**
     * Tells {@code action} the threads that answer its calls now, soon and from whichever thread
     * knows them; of none unless it says otherwise. Asked when virtual threads hold every
     * processor, so that the log says what they do.
     */
    default void forEachRunner(Consumer<? super Thread> action) {}
  }
}
