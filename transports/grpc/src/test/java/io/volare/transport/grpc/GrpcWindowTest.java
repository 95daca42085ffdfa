package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.AsyncCall;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import java.io.IOException;
import java.util.Arrays;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Windows that grow where the way is long, and hold no more than they may. */
@Timeout(120)
class GrpcWindowTest {
  private static final int FIRST_WINDOW_BYTES = 64 * 1024;
  private static final int MIB = 1024 * 1024;
  private static final BytesValue PART =
      BytesValue.of(ByteString.copyFrom(new byte[FIRST_WINDOW_BYTES / 2]));

  private static final ProtobufMethod<StringValue, BytesValue> DOWN =
      new ProtobufMethod<>(
          "test.Flow",
          "Down",
          MethodDescriptor.Kind.SERVER_STREAM,
          false,
          StringValue.parser(),
          BytesValue.parser());

  private static final ProtobufMethod<BytesValue, StringValue> UP =
      new ProtobufMethod<>(
          "test.Flow",
          "Up",
          MethodDescriptor.Kind.CLIENT_STREAM,
          false,
          BytesValue.parser(),
          StringValue.parser());

  private final CountDownLatch reading = new CountDownLatch(1);
  private GrpcServer server;

  @BeforeEach
  void start() {
    start(GrpcServerConfig.DEFAULT);
  }

  private void start(GrpcServerConfig config) {
    if (server != null) {
      server.stop();
    }
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(new ServiceBinding("test.Flow", Map.of("Down", DOWN, "Up", UP), this::answer))
            .config(config)
            .build();
    server.start();
  }

  @AfterEach
  void stop() {
    reading.countDown();
    server.stop();
  }

  /** Down sends as many bytes as it is told; Up counts them, once the test lets it. */
  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    if (context.method().name().equals("Down")) {
      Duplex<StringValue, BytesValue> ends = ends(request);
      long left = Long.parseLong(Objects.requireNonNull(ends.source().receive()).getValue());
      for (; left > 0; left -= PART.getValue().size()) {
        ends.sink().send(PART);
      }
      return null;
    }
    reading.await();
    long bytes = 0;
    Duplex<BytesValue, StringValue> ends = ends(request);
    for (BytesValue each : ends.source()) {
      bytes += each.getValue().size();
    }
    return StringValue.of(Long.toString(bytes));
  }

  @SuppressWarnings("unchecked") // the methods above say what their streams hold
  private static <Q, R> Duplex<Q, R> ends(Object streams) {
    return (Duplex<Q, R>) streams;
  }

  private static ByteBuf head(String method) {
    return RawPeer.block(
        ":method",
        "POST",
        ":scheme",
        "http",
        ":path",
        "/test.Flow/" + method,
        "content-type",
        "application/grpc");
  }

  // ---- the server receives

  /** Sends into a stream whatever its window allows, until there was so much of it. */
  private static final class Sender {
    private final RawPeer peer;
    private final byte[] message;
    private int at;
    private int window = FIRST_WINDOW_BYTES;
    private int connectionWindow = 65_535;
    private int sent;
    private int widest;
    private int pings;

    Sender(RawPeer peer) throws IOException {
      this.peer = peer;
      byte[] body = PART.toByteArray();
      message = new byte[5 + body.length];
      Unpooled.wrappedBuffer(message).setByte(0, 0).setInt(1, body.length).setBytes(5, body);
      peer.headers(1, false, head("Up"));
    }

    void sendWhatMayBeSent(int most) throws IOException {
      int room = Math.min(window, connectionWindow);
      widest = Math.max(widest, window);
      for (int left = Math.min(room, most - sent); left > 0; ) {
        int part = Math.min(left, Math.min(16_384, message.length - at));
        peer.frame(RawPeer.DATA, 0, 1, Unpooled.wrappedBuffer(message, at, part));
        at = (at + part) % message.length;
        left -= part;
        sent += part;
        window -= part;
        connectionWindow -= part;
      }
      peer.flush();
    }

    /**
     * Reads a frame, and answers a ping at once: the time that takes is the round trip.
     *
     * @return whether it was the answer to a ping of this side
     */
    boolean read() throws IOException {
      RawPeer.Frame frame = Objects.requireNonNull(peer.read());
      if (frame.type() == RawPeer.WINDOW_UPDATE) {
        int more = Unpooled.wrappedBuffer(frame.payload()).getInt(0);
        window += frame.stream() == 1 ? more : 0;
        connectionWindow += frame.stream() == 0 ? more : 0;
      } else if (frame.type() == RawPeer.PING && frame.flags() == 0) {
        pings++;
        peer.frame(RawPeer.PING, RawPeer.ACK, 0, Unpooled.wrappedBuffer(frame.payload())).flush();
      }
      return frame.type() == RawPeer.PING && frame.flags() == RawPeer.ACK;
    }
  }

  @Test
  void theWindowOfAStreamThatIsReadGrowsAtTheServer() throws Exception {
    reading.countDown();
    try (RawPeer peer = RawPeer.connect(server.endpoint())) {
      Sender sender = new Sender(peer);
      while (sender.widest < 4 * FIRST_WINDOW_BYTES) {
        sender.sendWhatMayBeSent(Integer.MAX_VALUE);
        sender.read();
      }

      assertThat(sender.pings).isPositive();
    }
  }

  @Test
  void aStreamThatNobodyReadsHoldsItsFirstWindowAndOneMessage() throws Exception {
    try (RawPeer peer = RawPeer.connect(server.endpoint())) {
      Sender sender = new Sender(peer);
      while (sender.window > 0) {
        sender.sendWhatMayBeSent(Integer.MAX_VALUE);
        peer.frame(RawPeer.PING, 0, 0, Unpooled.copyLong(-1)).flush();
        while (!sender.read()) {
          // until the server has read all that was sent
        }
      }

      assertThat(sender.sent)
          .isLessThanOrEqualTo(FIRST_WINDOW_BYTES + PART.getSerializedSize() + 5);
    }
  }

  @Test
  void aWindowDoesNotGrowBeyondWhatIsConfigured() throws Exception {
    start(GrpcServerConfig.DEFAULT.withWindowBytes(2 * FIRST_WINDOW_BYTES));
    reading.countDown();
    try (RawPeer peer = RawPeer.connect(server.endpoint())) {
      Sender sender = new Sender(peer);
      while (sender.sent < 16 * MIB) {
        sender.sendWhatMayBeSent(16 * MIB);
        if (sender.sent < 16 * MIB) {
          sender.read();
        }
      }

      assertThat(sender.widest).isLessThanOrEqualTo(2 * FIRST_WINDOW_BYTES);
    }
  }

  // ---- over a long way: with the first window, 24 MiB would need 384 round trips, or 38 s

  private static final Duration DELAY = Duration.ofMillis(50);
  private static final int MUCH_BYTES = 24 * MIB;
  private static final Duration WITH_THE_FIRST_WINDOW = Duration.ofSeconds(30);

  private static RpcClient client(GrpcClient transport) {
    return RpcClient.builder("far")
        .transport(transport)
        .with(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(100)));
  }

  private static GrpcClient near(Endpoint endpoint) {
    return GrpcClient.to(
        endpoint, GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10)));
  }

  @Test
  void aStreamDownALongWayIsNotHeldUpByItsWindow() throws Exception {
    try (SlowRoad road = new SlowRoad(server.endpoint(), DELAY)) {
      GrpcClient transport = near(road.endpoint());
      long start = System.nanoTime();

      assertThat(down(transport, MUCH_BYTES)).isEqualTo(MUCH_BYTES);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(WITH_THE_FIRST_WINDOW);
      transport.stop();
    }
  }

  @Test
  void aStreamUpALongWayIsNotHeldUpByItsWindow() throws Exception {
    reading.countDown();
    try (SlowRoad road = new SlowRoad(server.endpoint(), DELAY)) {
      GrpcClient transport = near(road.endpoint());
      long start = System.nanoTime();
      try (Duplex<StringValue, BytesValue> stream =
          ends(client(transport).call(UP, Duplex.NO_REQUEST))) {
        for (long left = MUCH_BYTES; left > 0; left -= PART.getValue().size()) {
          stream.sink().send(PART);
        }
        stream.sink().complete();

        assertThat(Objects.requireNonNull(stream.source().receive()).getValue())
            .isEqualTo(Integer.toString(MUCH_BYTES));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(WITH_THE_FIRST_WINDOW);
      transport.stop();
    }
  }

  /** {@return how many bytes came} */
  private static long down(GrpcClient transport, int bytes) throws Exception {
    long came = 0;
    try (Duplex<BytesValue, StringValue> stream =
        ends(client(transport).call(DOWN, StringValue.of(Integer.toString(bytes))))) {
      for (BytesValue each : stream.source()) {
        came += each.getValue().size();
      }
    }
    return came;
  }

  // ---- the client asks only where it is welcome

  @Test
  void aClientSendsOnePingForEachThatIsAnsweredAndNoneWithoutData() throws Exception {
    try (ScriptedServer scripted = new ScriptedServer()) {
      GrpcClient transport = near(scripted.endpoint());
      AsyncCall<Long> call = Services.callAsync(() -> down(transport, 1));
      ScriptedServer.Peer peer = scripted.accept();
      int stream = peer.request();
      peer.head(stream);
      sendPart(peer, stream);
      ScriptedServer.Frame ping = peer.next(ScriptedServer.PING);
      sendPart(peer, stream);
      peer.awaitRead(); // whatever the client says of it, it has said now
      peer.write(ScriptedServer.PING, 1, 0, ping.payload());
      peer.awaitRead(); // nothing without new data
      peer.end(stream, 0);

      assertThat(call.join()).isEqualTo(2L * PART.getValue().size());
      transport.stop();
    }
  }

  @Test
  void aServerThatFindsThemTooManyIsNotPingedAgain() throws Exception {
    try (ScriptedServer scripted = new ScriptedServer()) {
      GrpcClient transport = near(scripted.endpoint());
      AsyncCall<Long> first = Services.callAsync(() -> down(transport, 1));
      ScriptedServer.Peer peer = scripted.accept();
      int stream = peer.request();
      peer.goAway(stream, Http2Error.ENHANCE_YOUR_CALM, "too_many_pings");
      peer.head(stream);
      peer.end(stream, 0);
      first.join();
      AsyncCall<Long> second = Services.callAsync(() -> down(transport, 1));
      ScriptedServer.Peer other = scripted.accept();
      int next = other.request();
      other.head(next);
      sendPart(other, next);
      other.awaitRead();
      other.end(next, 0);

      assertThat(second.join()).isEqualTo((long) PART.getValue().size());
      transport.stop();
    }
  }

  private static void sendPart(ScriptedServer.Peer peer, int stream) throws IOException {
    byte[] message = ScriptedServer.prefixed(0, PART.toByteArray());
    for (int at = 0; at < message.length; at += 16_384) {
      peer.data(
          stream, false, Arrays.copyOfRange(message, at, Math.min(message.length, at + 16_384)));
    }
  }
}
