package io.volare.transport.grpc;

import io.netty.handler.codec.http2.Http2Stream;

/**
 * What a stream may receive before its receiver has taken it: kept back by the bytes that come,
 * given back as they are taken, and how far it has grown. Belongs to the event loop, but for what
 * says otherwise.
 *
 * <p>The bytes of a message that is not complete are given back early, within {@link Advances},
 * while the receiver waits for it: a message larger than the window could never come otherwise.
 */
final class StreamWindow {
  /** A stream that has received this much may be one that its window holds up. */
  private static final int MEASURED_BYTES = 16 * 1024;

  /** The part of its window that a receiver takes before it gives it back. */
  private static final int DUE_PART = 8;

  private final GrpcStream stream;
  private final GrpcConnection connection;
  private int received;
  private int widened;
  private int heldBack;
  private int advancedForPart;
  private int advancedInAll;

  /** How much a receiver gathers before it gives it back. */
  private volatile int dueBytes;

  /** Whether a part of a message waits for what was taken to be given back. */
  private volatile boolean wantsMore;

  StreamWindow(GrpcStream stream, GrpcConnection connection) {
    this.stream = stream;
    this.connection = connection;
    dueBytes = connection.streamWindowBytes() / DUE_PART;
  }

  /** Data came, whatever is in it. */
  void received(int bytes) {
    received += bytes;
    if (received >= MEASURED_BYTES) {
      received = 0;
      connection.measureWindow();
    }
  }

  /** {@return how much may be given back at once of {@code part}, which completes no message} */
  int keepPart(int part) {
    heldBack += part;
    return stream.hasUntaken() ? waitForReceiver() : tryAdvance();
  }

  /** A message that is not complete gets more room only while its receiver waits for it. */
  private int waitForReceiver() {
    wantsMore = true;
    return stream.hasUntaken() ? 0 : tryAdvance();
  }

  private int tryAdvance() {
    wantsMore = false;
    int more = heldBack;
    if (!connection.advances().grant(this, more)) {
      return 0;
    }
    advance(more);
    widen();
    return more;
  }

  private void advance(int more) {
    heldBack -= more;
    advancedForPart += more;
    advancedInAll += more;
  }

  /** Its receiver keeps up, so that a larger window would not hold more but carry more. */
  private void widen() {
    Http2Stream http2 = stream.http2();
    int wanted = connection.targetWindowBytes() - connection.streamWindowBytes();
    int more = Math.min(wanted, connection.windowShare()) - widened;
    if (http2 == null || more <= 0) {
      return;
    }
    int granted = connection.advances().widen(more);
    if (granted > 0) {
      widened += granted;
      dueBytes = (connection.streamWindowBytes() + widened) / DUE_PART;
      connection.widen(http2, granted);
    }
  }

  /** {@return bytes of an incomplete message that are not given back} */
  int heldBack() {
    return heldBack;
  }

  /** The connection has granted {@code more} bytes. */
  void advanced(int more) {
    advance(more);
    connection.giveBack(stream.http2(), more);
  }

  /**
   * A message is complete.
   *
   * @return bytes that its earlier parts keep back until it is taken
   */
  int completed() {
    int kept = heldBack;
    heldBack = 0;
    wantsMore = false;
    return kept;
  }

  /** {@return bytes of the message that has just been completed which were given back early} */
  int takeAdvanced() {
    int early = advancedForPart;
    advancedForPart = 0;
    if (early > 0) {
      connection.advances().leave(this);
    }
    return early;
  }

  /** From any thread: whether what a receiver has taken is to be given back now. */
  boolean isDue(int takenWire, int takenAdvanced) {
    return takenAdvanced > 0 || wantsMore || takenWire >= dueBytes;
  }

  /** Messages were taken, of so many bytes that were kept back and so many that were not. */
  void taken(int wire, int early) {
    Http2Stream http2 = stream.http2();
    if (http2 == null) {
      return;
    }
    widen();
    connection.giveBack(http2, wire);
    advancedInAll -= early;
    connection.advances().giveBack(early);
    if (wantsMore && !stream.hasUntaken()) {
      connection.giveBack(http2, tryAdvance());
    }
  }

  /** {@return whether the stream waits for this side, not for its peer} */
  boolean isShut() {
    return wantsMore || connection.advances().isWaiting(this);
  }

  /** What still comes is dropped. */
  void stop() {
    if (heldBack > 0) {
      connection.giveBack(stream.http2(), heldBack);
      heldBack = 0;
    }
    connection.advances().leave(this);
  }

  /** The stream is over. */
  void close() {
    connection.advances().giveBack(advancedInAll);
    advancedInAll = 0;
    connection.advances().narrow(widened);
    widened = 0;
  }
}
