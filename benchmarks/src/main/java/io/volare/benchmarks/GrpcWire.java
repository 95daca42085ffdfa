package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * gRPC over HTTP/2, written and read as raw frames: the headers are indexed after the first call,
 * as clients do it; windows are kept; an answer counts when its stream ended with trailers after as
 * many bytes as it should have. Trailers are not decoded: a call that failed has no message before
 * them.
 */
final class GrpcWire implements Wire {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GO_AWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int FRAME_HEADER = 9;
  private static final int LARGEST_FRAME = 16_384;
  private static final int WIDEST_WINDOW = Integer.MAX_VALUE;
  private static final int FIRST_WINDOW = 65_535;
  private static final int MOST_CALLS = 1 << 30;

  private final GrpcRequest request;
  private final int inFlight;
  private final int[] sent;
  private final int[] received;
  private final long[] streamWindow;
  private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
  private long window = FIRST_WINDOW;
  private int firstStreamWindow = FIRST_WINDOW;
  private int takenSinceUpdate;
  private boolean open;

  /**
   * Starts one for a connection.
   *
   * @param inFlight calls at once
   * @param places as {@link Wire.Link#place} numbers them
   */
  GrpcWire(GrpcRequest request, int inFlight, int places) {
    this.request = request;
    this.inFlight = inFlight;
    sent = new int[places];
    received = new int[places];
    streamWindow = new long[places];
  }

  @Override
  public void begin(Link link) {
    link.room(PREFACE.length).writeBytes(PREFACE);
    frame(link, 12, SETTINGS, 0, 0)
        .writeShort(2) // no push
        .writeInt(0)
        .writeShort(4) // what a stream may send
        .writeInt(WIDEST_WINDOW);
    frame(link, 4, WINDOW_UPDATE, 0, 0).writeInt(WIDEST_WINDOW - FIRST_WINDOW);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void call(Link link, int number) {
    if (number == MOST_CALLS) {
      throw new IllegalStateException(
          "calls of a connection: " + number + " (expected: < 2^30, as many as it has streams)");
    }
    int place = link.place(number);
    sent[place] = 0;
    received[place] = 0;
    streamWindow[place] = firstStreamWindow;
    ByteBuf head = number == 0 ? request.firstHead() : request.head();
    int length = head.readableBytes();
    frame(link, length, HEADERS, END_HEADERS, stream(number)).writeBytes(head, 0, length);
    body(link, number);
  }

  /** Sends as much of a message as the windows take; the rest waits for them. */
  private void body(Link link, int number) {
    int place = link.place(number);
    int size = request.body().readableBytes();
    while (sent[place] < size) {
      int length = Math.min(LARGEST_FRAME, size - sent[place]);
      length = (int) Math.min(length, Math.min(window, streamWindow[place]));
      if (length <= 0) {
        waiting.add(number);
        return;
      }
      boolean ends = sent[place] + length == size && !request.staysOpen();
      int flags = ends ? END_STREAM : 0;
      frame(link, length, DATA, flags, stream(number))
          .writeBytes(request.body(), sent[place], length);
      sent[place] += length;
      window -= length;
      streamWindow[place] -= length;
    }
  }

  private void sendWhatWaits(Link link) {
    for (int i = waiting.size(); i > 0 && window > 0; i--) {
      body(link, waiting.remove());
    }
  }

  private static int stream(int number) {
    return 2 * number + 1;
  }

  private static ByteBuf frame(Link link, int length, int type, int flags, int stream) {
    return link.room(FRAME_HEADER + length)
        .writeMedium(length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(stream);
  }

  @Override
  public void read(Link link, ByteBuf in) {
    while (in.readableBytes() >= FRAME_HEADER) {
      int at = in.readerIndex();
      int length = in.getUnsignedMedium(at);
      if (in.readableBytes() < FRAME_HEADER + length) {
        return;
      }
      frameRead(
          link,
          in.getByte(at + 3),
          in.getByte(at + 4),
          in.getInt(at + 5) & Integer.MAX_VALUE,
          in.slice(at + FRAME_HEADER, length));
      in.skipBytes(FRAME_HEADER + length);
    }
  }

  private void frameRead(Link link, int type, int flags, int stream, ByteBuf payload) {
    switch (type) {
      case DATA -> dataRead(link, stream, payload.readableBytes(), flags);
      case HEADERS -> {
        if ((flags & END_STREAM) != 0) {
          ended(link, stream);
        }
      }
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          settingsRead(link, payload);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(link, 8, PING, ACK, 0).writeBytes(payload);
        }
      }
      case WINDOW_UPDATE -> widened(link, stream, payload.readInt());
      case RST_STREAM -> throw wrong(stream, "was reset with code " + payload.readInt());
      case GO_AWAY -> {
        payload.skipBytes(4);
        throw wrong(stream, "is told to go away with code " + payload.readInt());
      }
      default -> {} // priorities and what is unknown mean nothing here
    }
  }

  private static IllegalStateException wrong(int stream, String what) {
    return new IllegalStateException("stream " + stream + " " + what + " (expected: an answer)");
  }

  private void dataRead(Link link, int stream, int length, int flags) {
    if ((flags & END_STREAM) != 0) {
      throw wrong(stream, "ended without trailers");
    }
    int place = link.place(stream >> 1);
    if (place < 0) {
      throw wrong(stream, "has " + length + " bytes after its end");
    }
    received[place] += length;
    if (request.staysOpen() && received[place] == request.answerBytes()) {
      link.answered(stream >> 1);
    }
    takenSinceUpdate += length;
    if (takenSinceUpdate > WIDEST_WINDOW / 2) {
      frame(link, 4, WINDOW_UPDATE, 0, 0).writeInt(takenSinceUpdate);
      takenSinceUpdate = 0;
    }
  }

  private void ended(Link link, int stream) {
    int place = link.place(stream >> 1);
    if (place < 0 || received[place] != request.answerBytes()) {
      throw wrong(
          stream,
          "ended after %d of %d bytes"
              .formatted(place < 0 ? 0 : received[place], request.answerBytes()));
    }
    link.answered(stream >> 1);
  }

  private void settingsRead(Link link, ByteBuf payload) {
    while (payload.isReadable()) {
      int name = payload.readUnsignedShort();
      long value = payload.readUnsignedInt();
      switch (name) {
        case 1 -> expect("header table of the server", value, 4096);
        case 3 -> expect("streams that the server allows", value, inFlight);
        case 4 -> firstWindow((int) value);
        default -> {} // nothing else limits what is sent here
      }
    }
    frame(link, 0, SETTINGS, ACK, 0);
    open = true;
    sendWhatWaits(link);
  }

  private void firstWindow(int bytes) {
    for (int place = 0; place < streamWindow.length; place++) {
      streamWindow[place] += bytes - firstStreamWindow;
    }
    firstStreamWindow = bytes;
  }

  private static void expect(String what, long value, int least) {
    if (value < least) {
      throw new IllegalStateException(what + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private void widened(Link link, int stream, int by) {
    if (stream == 0) {
      window += by;
    } else if (link.place(stream >> 1) >= 0) {
      streamWindow[link.place(stream >> 1)] += by;
    }
    sendWhatWaits(link);
  }
}
