package io.volare.transport.grpc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What is counted of a connection that is shown. Belongs to the connection's loop, but for what
 * counts in its server as well.
 */
final class SocketCounts {
  private static final AtomicLong IDS = new AtomicLong();

  private final ShownServer server;
  private final long id = nextId();
  private long streamsStarted;
  private long streamsSucceeded;
  private long streamsFailed;
  private long messagesSent;
  private long messagesReceived;
  private long keepAlives;
  private long streamMillis;
  private long sentMillis;
  private long receivedMillis;

  SocketCounts(ShownServer server) {
    this.server = server;
  }

  /** {@return a number that nothing else in this process has, be it a server or a socket} */
  static long nextId() {
    return IDS.incrementAndGet();
  }

  /** From any thread. */
  ShownServer server() {
    return server;
  }

  /** From any thread. */
  long id() {
    return id;
  }

  void streamStarted() {
    streamsStarted++;
    streamMillis = System.currentTimeMillis();
    server.callStarted(streamMillis);
  }

  /**
   * A stream is over.
   *
   * @param completed whether its last frame was sent
   * @param well whether that said that the call succeeded
   */
  void streamEnded(boolean completed, boolean well) {
    if (completed) {
      streamsSucceeded++;
    } else {
      streamsFailed++;
    }
    server.callEnded(completed && well);
  }

  void messageSent() {
    messagesSent++;
    sentMillis = System.currentTimeMillis();
  }

  void messageReceived() {
    messagesReceived++;
    receivedMillis = System.currentTimeMillis();
  }

  void keepAliveSent() {
    keepAlives++;
  }

  /** On the loop: puts all of it into a message of type {@code SocketData}. */
  void describe(ChannelzMessages.Fields data) {
    data.set("streams_started", streamsStarted)
        .set("streams_succeeded", streamsSucceeded)
        .set("streams_failed", streamsFailed)
        .set("messages_sent", messagesSent)
        .set("messages_received", messagesReceived)
        .set("keep_alives_sent", keepAlives)
        .time("last_remote_stream_created_timestamp", streamMillis)
        .time("last_message_sent_timestamp", sentMillis)
        .time("last_message_received_timestamp", receivedMillis);
  }
}
