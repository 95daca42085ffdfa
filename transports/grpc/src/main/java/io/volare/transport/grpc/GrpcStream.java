package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a connection, of either side: what one thread receives from it and one thread sends
 * into it, while the loop reads and writes frames.
 *
 * <p>{@link #receive} blocks until a message, the end or a failure; {@link #send} blocks while too
 * much waits for the peer's window. Both end at the deadline. What is received and not taken fills
 * the window, so a peer stops by itself; docs/decisions/0075 says how much that is.
 *
 * <p>Fields belong to the event loop, but for its two ends: the {@link Inbox} and the {@link
 * StreamRoom}.
 */
abstract class GrpcStream implements MessageDeframer.Target {
  /** What the last character of four tells in base64. */
  private static final int MOST_BYTES_OF_A_UNIT = 3;

  private final GrpcConnection connection;
  private final StreamWindow window;
  private final StreamRoom room = new StreamRoom(this);
  private @Nullable Inbox inbox;
  private @Nullable Http2Stream http2;
  private @Nullable MessageDeframer deframer;
  private int id;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean endWritten;
  private int encodedSurplus;
  private int completedBytes;
  private int reads;
  private int writes;
  private int queuedWrites;
  private int readsSeen = -1;
  private int writesSeen = -1; // so that a stream looked at for the first time has just moved
  private long readsSeenNanos;
  private long writesSeenNanos;

  GrpcStream(GrpcConnection connection) {
    this.connection = connection;
    window = new StreamWindow(this, connection);
  }

  /** Before it is seen by another thread: its messages are for a receiver, not for the loop. */
  final void openInbox() {
    inbox = new Inbox(this, window);
  }

  final GrpcConnection connection() {
    return connection;
  }

  /** {@return HTTP/2's number of this stream; 0 before there is one} */
  final int id() {
    return id;
  }

  // ---- for subclasses

  /** {@return how its messages are compressed; null if that was not said} */
  abstract @Nullable Compression inboundCompression();

  /** {@return the largest message that it takes, decompressed or not} */
  abstract int mostMessageBytes();

  /** {@return what the stream is for, in messages of failures} */
  abstract String target();

  /** On the loop: a message is complete and the subclass's own, where there is no inbox. */
  abstract void keep(ByteBuf message, boolean compressed);

  /**
   * On the loop: what data is once its own encoding is undone; itself where it has none.
   *
   * @param end whether no data follows
   * @return a buffer of the caller's if it is not {@code data}
   * @throws RpcException if the data is not what it should be
   */
  ByteBuf plain(ByteBuf data, boolean end) {
    return data;
  }

  /** On the loop: a message has come. */
  void messageRead() {}

  /** On the loop: a message has gone to the channel. */
  void messageWritten() {}

  /** On the loop: the peer sends no more. */
  abstract void inputEnded();

  /** On the loop: headers came, the first or the last. */
  abstract void headersRead(Http2Headers headers, boolean end);

  /** On the loop: what came is not what it may be. Nothing more of it is read. */
  abstract void malformed(RpcException wrong);

  /** On the loop: the peer has reset it. */
  abstract void resetRead(long errorCode);

  /** On the loop: this side has written its last frame. */
  void outputEnded() {}

  /** On the loop: the stream is over, whatever the reason; the last thing that it is told. */
  abstract void closed();

  /** On the loop: nothing has moved for too long, and the peer is to blame. */
  abstract void stalled(String what);

  // ---- the loop

  /** From here on it is this stream of HTTP/2. */
  final void attach(Http2Stream http2) {
    this.http2 = http2;
    this.id = http2.id();
    connection.put(http2, this);
  }

  final @Nullable Http2Stream http2() {
    return http2;
  }

  /** {@return how many bytes of the frame are done with} */
  final int dataRead(ByteBuf data, int padding, boolean end) {
    int bytes = data.readableBytes();
    reads++;
    if (inputEnded) {
      return bytes + padding;
    }
    window.received(bytes);
    try {
      ByteBuf plain = plain(data, end);
      int plainBytes = plain.readableBytes();
      int part;
      try {
        part = cut(plain);
      } finally {
        if (plain != data) {
          plain.release();
        }
      }
      if (end) {
        endInput();
      }
      return padding + surplus(bytes - plainBytes) + (part == 0 ? 0 : window.keepPart(part));
    } catch (RpcException wrong) {
      stopInput();
      malformed(wrong);
      return bytes + padding;
    }
  }

  /**
   * {@return how much of what data has beyond its plain form is done with} A few bytes are kept,
   * for an encoding that tells several bytes at the end of a frame with one.
   */
  private int surplus(int more) {
    encodedSurplus += more;
    int done = Math.max(0, encodedSurplus - MOST_BYTES_OF_A_UNIT);
    encodedSurplus -= done;
    return done;
  }

  /** {@return how many of the bytes belong to a message that is not complete} */
  private int cut(ByteBuf data) {
    MessageDeframer cutting = deframer;
    if (cutting == null) {
      if (isOneMessage(data)) {
        takeOne(data);
        return 0;
      }
      cutting = new MessageDeframer(mostMessageBytes(), connection.alloc(), this);
      deframer = cutting;
    }
    int before = data.readableBytes();
    completedBytes = 0;
    cutting.read(data);
    return before - completedBytes;
  }

  private static boolean isOneMessage(ByteBuf data) {
    int bytes = data.readableBytes();
    return bytes >= MessageDeframer.PREFIX_BYTES
        && data.getByte(data.readerIndex()) == 0
        && MessageDeframer.claimed(data, data.readerIndex())
            == bytes - MessageDeframer.PREFIX_BYTES;
  }

  private void takeOne(ByteBuf data) {
    int bytes = data.readableBytes();
    MessageDeframer.checkSize(bytes - MessageDeframer.PREFIX_BYTES, mostMessageBytes());
    data.skipBytes(MessageDeframer.PREFIX_BYTES);
    message(data.readRetainedSlice(bytes - MessageDeframer.PREFIX_BYTES), false, bytes);
  }

  @Override
  public final void message(ByteBuf message, boolean compressed, int bytes) {
    messageRead();
    completedBytes += bytes;
    int wire = bytes + window.completed();
    int advanced = window.takeAdvanced();
    if (inbox == null) {
      keep(message, compressed);
    } else {
      inbox.put(new Inbox.Message(message, compressed, wire, advanced));
    }
  }

  /** {@return whether a message waits for its receiver} */
  final boolean hasUntaken() {
    return inbox != null && inbox.hasUntaken();
  }

  /** The peer sends no more: what is in the inbox is all. */
  final void endInput() {
    if (inputEnded) {
      return;
    }
    if (deframer != null && deframer.isWithinMessage()) {
      throw RpcException.of(Kind.PROTOCOL, target() + ": the stream ended within a message");
    }
    stopInput();
    if (inbox != null) {
      inbox.end();
    }
    inputEnded();
  }

  final boolean isInputEnded() {
    return inputEnded;
  }

  /** What still comes is dropped. */
  final void stopInput() {
    inputEnded = true;
    MessageDeframer cutting = deframer;
    if (cutting != null) {
      cutting.close();
    }
    window.stop();
  }

  /** Puts {@code write} where the peer's window will let it go. */
  final void enqueue(StreamWrite write) {
    Http2Stream known = http2;
    if (known == null || outputEnded || !known.state().localSideOpen()) {
      write.discard();
      lost(write);
      return;
    }
    outputEnded = write.ends();
    queuedWrites++;
    connection.flow().addFlowControlled(known, write);
  }

  /** {@return whether this side has handed over its last frame} */
  final boolean isOutputEnded() {
    return outputEnded;
  }

  /** {@return whether its last frame of this side has gone to the channel} */
  final boolean isEndWritten() {
    return endWritten;
  }

  /** {@return whether something waits for the peer's window, or for the socket} */
  final boolean isWriting() {
    return queuedWrites > 0;
  }

  /** {@return whether anything of it has gone to the channel} */
  final boolean hasWritten() {
    return writes > 0;
  }

  /** The first headers of this side have gone to the channel. */
  final void headWritten() {
    Http2Stream known = http2;
    if (known != null) {
      known.headersSent(false);
    }
  }

  final void progressed() {
    writes++;
    connection.progressed();
  }

  final void written(StreamWrite write) {
    queuedWrites--;
    if (write.hasMessage()) {
      messageWritten();
    }
    giveBackRoom(write.reservedBytes());
    Http2Stream known = http2;
    if (known == null) {
      return;
    }
    if (write.ends()) {
      endWritten = true;
      connection.endOutput(known);
      outputEnded();
    }
  }

  /** What was put there last goes out with what was put there before, and counts all the same. */
  final void merged(StreamWrite write) {
    queuedWrites--;
    if (write.hasMessage()) {
      messageWritten();
    }
    progressed();
  }

  final void lost(StreamWrite write) {
    giveBackRoom(write.reservedBytes());
  }

  private void giveBackRoom(int bytes) {
    if (bytes > 0) {
      room.giveBack(bytes);
    }
  }

  /** Netty has let go of the stream. */
  final void streamClosed() {
    stopInput();
    outputEnded = true;
    window.close();
    http2 = null;
    closed();
  }

  /** Looks whether it has come to a halt. */
  final void check(long now, long stalledNanos) {
    boolean midMessage =
        deframer != null && !inputEnded && deframer.isWithinMessage() && !window.isShut();
    if (!midMessage || reads != readsSeen) {
      readsSeen = reads;
      readsSeenNanos = now;
    } else if (now - readsSeenNanos > stalledNanos) {
      stalled("a message did not arrive");
      return;
    }
    if (queuedWrites == 0 || writes != writesSeen) {
      writesSeen = writes;
      writesSeenNanos = now;
    } else if (now - writesSeenNanos > stalledNanos) {
      stalled("nothing that was sent was taken");
    }
  }

  // ---- any thread

  /**
   * {@return the next message, decompressed and the caller's own; null once the peer has ended its
   * side}
   *
   * @throws RpcException if the stream has failed, the message is not what it says it is, or the
   *     deadline passed
   */
  final @Nullable ByteBuf receive(Supplier<Deadline> limit) throws InterruptedException {
    Inbox.Message message = Objects.requireNonNull(inbox).take(limit);
    if (message == null) {
      return null;
    }
    taken(message.isCompressed());
    return decompressed(message.body(), message.isCompressed());
  }

  /** On the thread that receives: a message was taken. */
  void taken(boolean compressed) {}

  /** {@return {@code message} as it was before it was compressed; it is released on failure} */
  final ByteBuf decompressed(ByteBuf message, boolean compressed) {
    if (!compressed) {
      return message;
    }
    Compression compression = inboundCompression();
    if (compression == null || compression == Compression.IDENTITY) {
      message.release();
      throw RpcException.of(
          Kind.INTERNAL,
          target()
              + ": a message is flagged as compressed (expected: a grpc-encoding that says how)");
    }
    return compression.decompress(message, mostMessageBytes(), connection.alloc());
  }

  /**
   * Hands {@code write} to the loop once there is room for it; it is released if that fails.
   *
   * @throws RpcException if the stream has failed or the deadline passed
   */
  final void send(StreamWrite write, Supplier<Deadline> limit) throws InterruptedException {
    boolean sent = false;
    try {
      room.take(write.reservedBytes(), limit);
      connection.outbox().add(write);
      sent = true;
    } finally {
      if (!sent) {
        write.discard();
      }
    }
  }

  /**
   * Waits until a message of about {@code bytes} may be handed to the loop, so that it is written
   * once there is room for it; {@link #sendInRoom} or {@link #leaveRoom} follows.
   *
   * @throws RpcException if the stream has failed or the deadline passed
   */
  final void takeRoom(int bytes, Supplier<Deadline> limit) throws InterruptedException {
    room.take(bytes, limit);
  }

  /** Hands {@code write} to the loop, for which room was taken. */
  final void sendInRoom(StreamWrite write, int taken) {
    room.correct(taken, write.reservedBytes());
    try {
      connection.outbox().add(write);
    } catch (RejectedExecutionException loopsAreClosed) {
      write.discard();
      throw loopsAreClosed;
    }
  }

  /** Nothing will be sent of what room was taken for. */
  final void leaveRoom(int taken) {
    room.correct(taken, 0);
    try {
      connection.outbox().add((channel, promise) -> connection.roomGiven());
    } catch (RejectedExecutionException loopsAreClosed) {
      // and with them the connection, which has put off nothing any more
    }
  }

  /**
   * Hands {@code write} to the loop at once; nothing waits for the room that it takes, or it takes
   * none.
   */
  final void sendNow(StreamWrite write) {
    if (write.reservedBytes() > 0) {
      room.force(write.reservedBytes());
    }
    try {
      connection.outbox().add(write);
    } catch (RejectedExecutionException loopsAreClosed) {
      write.discard();
    }
  }

  /** Ends the waiting of both threads with {@code failure}; what was not taken is dropped. */
  final void fail(RuntimeException failure) {
    if (inbox != null) {
      inbox.fail(failure);
    }
    room.fail(failure);
  }

  /**
   * Nobody receives from it any more: what was not taken is dropped, and what still comes; whoever
   * waits nevertheless hears of it.
   */
  final void stopReceiving() {
    if (inbox != null) {
      inbox.stopReceiving();
    }
  }

  /** Resets the stream; from any thread, and harmless when it is over. */
  final void reset(Http2Error error) {
    connection.outbox().add((channel, promise) -> resetNow(error));
  }

  /** On the loop: resets the stream. */
  final void resetNow(Http2Error error) {
    if (http2 != null) {
      outputEnded = true;
      stopInput();
      connection.writeReset(http2, error);
    }
  }
}
