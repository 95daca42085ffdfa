package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.volare.codec.protobuf.ProtobufMessages;
import org.jspecify.annotations.Nullable;

/**
 * How large the messages of a method are, as far as the last ones tell. To ask a message for its
 * size is to look at all its strings once more than writing them takes; so it is written into the
 * room that the last ones needed, and asked only where that does not suffice.
 *
 * <p>protobuf-java asks a string for its size even then, if the length that goes before it may take
 * more or fewer bytes than it has characters tell; for a long one that is dearer than to write
 * through an array of its own, as it does into a stream.
 *
 * <p>Shared by all calls of a method, without a lock: what one thread has not seen of another's
 * costs it a wrong guess, nothing else.
 */
final class MessageSizes {
  /** Guesses up to this size leave much room, larger ones little: it is memory until it is sent. */
  static final int SMALL_BYTES = 4096;

  private static final int SPARE = 64;

  /** So many messages are asked after a wrong guess, which costs an exception. */
  private static final int ASKED_AFTER_MISS = 64;

  private int room;
  private int toAsk;

  /**
   * {@return bytes to have at hand for {@code message}; 0 for what will be refused}
   *
   * @param most bytes that a message may have
   */
  int room(@Nullable MessageLite message, int most) {
    if (message == null || room > 0) {
      return Math.min(room, most);
    }
    int bytes = message.getSerializedSize();
    return bytes > most ? 0 : bytes;
  }

  /**
   * Writes {@code message} behind what is in {@code out}.
   *
   * @param most bytes that a message may have
   * @return how many bytes it has
   * @throws io.volare.rpc.RpcException if it has more, or cannot be written
   */
  int write(MessageLite message, int most, ByteBuf out) {
    int guess = Math.min(room, most);
    if (guess > 0) {
      int bytes =
          growsCheaper(guess)
              ? ProtobufMessages.writeGrowing(message, most, out)
              : ProtobufMessages.writeWithin(message, guess, out);
      if (bytes >= 0) {
        learn(guess, bytes);
        return bytes;
      }
      room = 0;
      toAsk = ASKED_AFTER_MISS;
    }
    int bytes = measured(message, most);
    ProtobufMessages.write(message, bytes, out);
    if (toAsk > 0) {
      toAsk--;
    } else {
      room = roomFor(bytes);
    }
    return bytes;
  }

  /**
   * {@return {@code out}, or a smaller copy if what is in it left much of it free} A guess must not
   * hold memory that nobody counts while a message waits for its peer.
   */
  static ByteBuf fitted(ByteBuf out) {
    int bytes = out.readableBytes();
    if (out.capacity() <= 2 * bytes + SMALL_BYTES) {
      return out;
    }
    ByteBuf copy = out.alloc().buffer(bytes).writeBytes(out);
    out.release();
    return copy;
  }

  private static int measured(MessageLite message, int most) {
    int bytes = message.getSerializedSize();
    MessageDeframer.checkSize(bytes, most);
    return bytes;
  }

  /**
   * {@return whether a string that is most of so many bytes would be asked for its size} Its length
   * takes one byte more if all its characters take three bytes, in the upper third of what a number
   * of 14, 21 or 28 bits can say.
   */
  private static boolean growsCheaper(int guess) {
    if (guess <= SMALL_BYTES) {
      return false;
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(guess);
    long limit = 1L << (bits + 6) / 7 * 7;
    return 3L * guess >= limit;
  }

  /** Grows before it is too small, and shrinks slowly, or at once where much would be held. */
  private void learn(int guess, int bytes) {
    if (bytes + SPARE / 2 > guess) {
      room = roomFor(bytes);
    } else if (bytes < guess / 4) {
      room = guess > SMALL_BYTES ? roomFor(bytes) : guess - guess / 16;
    }
  }

  private static int roomFor(int bytes) {
    int more = bytes + bytes / 4 + SPARE;
    return more > SMALL_BYTES ? bytes + bytes / 16 + SPARE : more;
  }
}
