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
 * <p>Shared by all calls of a method, without a lock: what one thread has not seen of another's
 * costs it a wrong guess, nothing else.
 */
final class MessageSizes {
  /** What is guessed takes memory until it is sent, so guesses are small. */
  private static final int MOST_ROOM = 4096;

  private static final int SPARE = 64;

  /** So many messages are asked after a wrong guess, which costs an exception. */
  private static final int ASKED_AFTER_MISS = 64;

  private int room;
  private int toAsk;

  /**
   * {@return bytes to have at hand for {@code message}}
   *
   * @param most bytes that a message may have
   * @throws io.volare.rpc.RpcException if it was asked for its size, and has more
   */
  int room(@Nullable MessageLite message, int most) {
    if (message == null || room > 0) {
      return Math.min(room, most);
    }
    return measured(message, most);
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
      int bytes = ProtobufMessages.writeWithin(message, guess, out);
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

  private static int measured(MessageLite message, int most) {
    int bytes = message.getSerializedSize();
    MessageDeframer.checkSize(bytes, most);
    return bytes;
  }

  /** Grows before it is too small, and shrinks slowly. */
  private void learn(int guess, int bytes) {
    if (bytes + SPARE / 2 > guess) {
      room = roomFor(bytes);
    } else if (bytes < guess / 4) {
      room = guess - guess / 16;
    }
  }

  private static int roomFor(int bytes) {
    int wanted = bytes + bytes / 4 + SPARE;
    return wanted > MOST_ROOM ? 0 : wanted;
  }
}
