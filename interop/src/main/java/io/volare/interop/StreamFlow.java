package io.volare.interop;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.AsyncCall;
import io.volare.motore.Service;
import io.volare.motore.Services;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The two streams of {@link GrpcStreamSoak}: numbered messages, and readers with a pace. */
final class StreamFlow {
  private static final String SERVICE = "volare.Flow";
  private static final int MESSAGE_BYTES = 32 * 1024;
  private static final int NUMBER_BYTES = 8;
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private static final ProtobufMethod<StringValue, BytesValue> DOWN =
      new ProtobufMethod<>(
          SERVICE,
          "Down",
          MethodDescriptor.Kind.SERVER_STREAM,
          false,
          StringValue.parser(),
          BytesValue.parser());

  private static final ProtobufMethod<BytesValue, StringValue> UP =
      new ProtobufMethod<>(
          SERVICE,
          "Up",
          MethodDescriptor.Kind.CLIENT_STREAM,
          false,
          BytesValue.parser(),
          StringValue.parser());

  private final byte[] noise = new byte[2 * MESSAGE_BYTES];
  private final int messages;
  private final double bytesPerNano;
  private final LongAdder sends = new LongAdder();

  /** Up waits for it before it reads anything. */
  private volatile CountDownLatch reading = new CountDownLatch(0);

  StreamFlow(Duration time, int megabytes) {
    bytesPerNano = megabytes / 1e3;
    messages = (int) Math.max(1, time.toNanos() * bytesPerNano / MESSAGE_BYTES);
    new Random(1).nextBytes(noise);
  }

  @SuppressWarnings("NullAway") // it misses that the record's handler may return null
  ServiceBinding service() {
    Service<RpcContext, Object, @Nullable Object> handler = this::answer;
    return new ServiceBinding(SERVICE, Map.of("Down", DOWN, "Up", UP), handler);
  }

  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    if (context.method().name().equals("Down")) {
      Duplex<StringValue, BytesValue> ends = ends(request);
      int most = Integer.parseInt(requireNonNull(ends.source().receive()).getValue());
      send(ends.sink(), most);
      return null;
    }
    reading.await();
    Duplex<BytesValue, StringValue> ends = ends(request);
    return StringValue.of(Long.toString(receive(ends.source())));
  }

  @SuppressWarnings("unchecked") // the methods above say what their streams hold
  private static <I, O> Duplex<I, O> ends(@Nullable Object streams) {
    return (Duplex<I, O>) requireNonNull(streams);
  }

  // ---- messages

  private void send(Sink<BytesValue> sink, int most) throws InterruptedException {
    for (long number = 0; number < most; number++) {
      sink.send(message(number));
      sends.increment();
    }
  }

  /** Its number, and noise that depends on it. */
  private BytesValue message(long number) {
    byte[] bytes = new byte[MESSAGE_BYTES];
    ByteBuffer.wrap(bytes).putLong(number).put(noise, offset(number), MESSAGE_BYTES - NUMBER_BYTES);
    return BytesValue.of(UnsafeByteOperations.unsafeWrap(bytes));
  }

  private static int offset(long number) {
    return (int) (number % MESSAGE_BYTES);
  }

  private boolean isMessage(ByteString bytes, long number) {
    ByteString rest =
        UnsafeByteOperations.unsafeWrap(noise, offset(number), MESSAGE_BYTES - NUMBER_BYTES);
    return bytes.size() == MESSAGE_BYTES
        && bytes.asReadOnlyByteBuffer().getLong() == number
        && bytes.substring(NUMBER_BYTES).equals(rest);
  }

  /**
   * {@return bytes that came, at the reader's pace, each message as it was sent and in its turn}
   */
  private long receive(Source<BytesValue> source) throws InterruptedException {
    long start = System.nanoTime();
    long number = 0;
    for (BytesValue each : source) {
      if (!isMessage(each.getValue(), number)) {
        break;
      }
      number++;
      long ahead = (long) (number * MESSAGE_BYTES / bytesPerNano) - (System.nanoTime() - start);
      if (ahead > TimeUnit.MILLISECONDS.toNanos(1)) {
        Thread.sleep(Duration.ofNanos(ahead));
      }
    }
    return number * MESSAGE_BYTES;
  }

  // ---- the two directions

  private static RpcClient patient(RpcClient client) {
    return client.with(CallOptions.DEFAULT.withTimeout(Duration.ofHours(1)));
  }

  private Duplex<BytesValue, StringValue> openDown(RpcClient client, int most) throws Exception {
    return ends(patient(client).call(DOWN, StringValue.of(Integer.toString(most))));
  }

  private Duplex<StringValue, BytesValue> openUp(RpcClient client) throws Exception {
    return ends(patient(client).call(UP, Duplex.NO_REQUEST));
  }

  private long down(RpcClient client, int most) throws Exception {
    try (Duplex<BytesValue, StringValue> stream = openDown(client, most)) {
      return receive(stream.source());
    }
  }

  private long up(RpcClient client, int most) throws Exception {
    try (Duplex<StringValue, BytesValue> stream = openUp(client)) {
      send(stream.sink(), most);
      stream.sink().complete();
      return Long.parseLong(requireNonNull(stream.source().receive()).getValue());
    }
  }

  /** Loads classes and fills the allocator's caches, which is not what is measured. */
  void warmUp(RpcClient client) throws Exception {
    down(client, 32);
    up(client, 32);
  }

  GrpcStreamSoak.Result run(RpcClient client) throws Exception {
    long before = directBytes();
    long start = System.nanoTime();
    AtomicBoolean over = new AtomicBoolean();
    AsyncCall<Long> watching = Services.callAsync(() -> mostBytes(over));
    AsyncCall<Long> down = Services.callAsync(() -> down(client, messages));
    long up = up(client, messages);
    long came = down.join();
    over.set(true);
    long nanos = System.nanoTime() - start;
    long most = watching.join() - before;
    long unread = unread(client) - before;
    long left = settled(before + GrpcStreamSoak.Result.KEPT_BYTES) - before;
    return new GrpcStreamSoak.Result(
        (long) messages * MESSAGE_BYTES, came, up, nanos, most, unread, left);
  }

  /** {@return what is held while senders send as much as they can and nobody reads} */
  private long unread(RpcClient client) throws Exception {
    reading = new CountDownLatch(1);
    AsyncCall<Long> up = Services.callAsync(() -> up(client, Integer.MAX_VALUE));
    try (Duplex<BytesValue, StringValue> stream = openDown(client, Integer.MAX_VALUE)) {
      awaitQuiet();
      return directBytes();
    } finally {
      up.cancel();
      reading.countDown();
      try {
        up.join();
      } catch (CancellationException asAsked) {
        // it ends at once
      }
    }
  }

  /** Waits until no sender gets on any more. */
  private void awaitQuiet() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    for (long seen = -1; seen != sends.sum() && System.nanoTime() - end < 0; ) {
      seen = sends.sum();
      Thread.sleep(QUIET);
    }
  }

  // ---- memory

  private static long directBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  private static long mostBytes(AtomicBoolean over) throws InterruptedException {
    long most = directBytes();
    while (!over.get()) {
      Thread.sleep(2);
      most = Math.max(most, directBytes());
    }
    return most;
  }

  /** {@return what is held once it is no more than {@code enough}, or still after a while} */
  private static long settled(long enough) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    while (directBytes() > enough && System.nanoTime() - end < 0) {
      Thread.sleep(10);
    }
    return directBytes();
  }
}
