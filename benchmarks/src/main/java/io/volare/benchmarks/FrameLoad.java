package io.volare.benchmarks;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import io.volare.rpc.Address;
import io.volare.transport.netty.Loops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The load program: one event loop that sends ready-made frames, counts the replies and matches
 * their numbers; it decodes nothing. Closed loop, or open at a fixed rate: then a latency counts
 * from the moment at which the call was due.
 */
final class FrameLoad implements Load {
  private static final long TICK_NANOS = 200_000;
  private static final int BATCH_BYTES = 256 * 1024;
  private static final long LONGEST_LATENCY_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long LAST_ANSWERS_MILLIS = 20_000;
  private static final int CONNECTING_AT_ONCE = 64;
  private static final int NONE = -1;

  private final Loops loops;
  private final EventLoop loop;
  private final Protocol.Calls calls;
  private final List<Connection> connections = new ArrayList<>();
  private final double rate;

  private volatile long answered;
  private volatile int outstanding;
  private volatile @Nullable String failure;
  // what follows is the loop's alone
  private boolean running;
  private Histogram latency = newHistogram();
  private long due;
  private int turn;

  private FrameLoad(Loops loops, Protocol.Calls calls, double rate) {
    this.loops = loops;
    this.loop = loops.group().next();
    this.calls = calls;
    this.rate = rate;
  }

  /** {@return a load whose connections are open} */
  static FrameLoad open(Options options) throws InterruptedException {
    int inFlight = options.number("in-flight", 1);
    Protocol.Calls calls = options.choice("protocol", Protocol.TTHEADER).calls(options, inFlight);
    int connections = options.number("connections", 1);
    int[] spread = spread(options.number("calls", connections * inFlight), connections);
    String kind = options.text("client-loops", "best");
    Loops loops =
        kind.equals("best")
            ? Loops.create(1)
            : Loops.create(options.choice("client-loops", Loops.Kind.NIO), 1);
    FrameLoad load = new FrameLoad(loops, calls, options.number("rate", 0));
    load.connect(options.number("port", 0), spread);
    return load;
  }

  /**
   * {@return how many calls each connection has in flight: together {@code calls}, none two more
   * than another}
   */
  static int[] spread(int calls, int connections) {
    if (calls < connections) {
      throw new IllegalArgumentException(
          "calls in flight: " + calls + " (expected: >= " + connections + ", one a connection)");
    }
    int[] spread = new int[connections];
    Arrays.fill(spread, calls / connections);
    for (int i = 0; i < calls % connections; i++) {
      spread[i]++;
    }
    return spread;
  }

  private void connect(int port, int[] inFlight) throws InterruptedException {
    Address address = Address.tcp("127.0.0.1", port);
    for (int i = 0; i < inFlight.length; i++) {
      Connection connection = new Connection(inFlight[i]);
      ChannelFuture connecting =
          new Bootstrap()
              .group(loop)
              .channel(loops.channel(address))
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(connection);
                    }
                  })
              .connect(loops.socketAddress(address));
      connecting.addListener(done -> {
        if (done.cause() != null) {
          connection.broke(done.cause());
        }
      });
      if (i % CONNECTING_AT_ONCE == 0) {
        connecting.sync();
      }
      connections.add(connection);
    }
    for (Connection connection : connections) {
      if (!connection.open.await(LAST_ANSWERS_MILLIS, TimeUnit.MILLISECONDS)) {
        fail("a server said nothing for " + LAST_ANSWERS_MILLIS + " ms");
      }
    }
    throwFailure();
  }

  private static Histogram newHistogram() {
    return new Histogram(LONGEST_LATENCY_NANOS, 3);
  }

  @Override
  public LoadResult run(double seconds) throws Exception {
    long before = answered;
    long start = System.nanoTime();
    loop.submit(this::begin).sync();
    ScheduledFuture<?> ticks =
        rate > 0
            ? loop.scheduleAtFixedRate(
                () -> sendDue(start), TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS)
            : null;
    Thread.sleep((long) (seconds * 1e3));
    if (ticks != null) {
      ticks.cancel(false);
    }
    loop.submit(() -> running = false).sync();
    awaitLastAnswers();
    long end = System.nanoTime();
    return new LoadResult((answered - before) * calls.messages(), (end - start) / 1e9, latency);
  }

  private void begin() {
    latency = newHistogram();
    running = true;
    due = 0;
    if (rate == 0) {
      connections.forEach(Connection::sendAll);
    }
  }

  private void awaitLastAnswers() throws InterruptedException {
    long end = System.nanoTime() + LAST_ANSWERS_MILLIS * 1_000_000;
    while (failure == null && outstanding > 0 && System.nanoTime() < end) {
      Thread.sleep(1);
    }
    throwFailure();
    if (outstanding > 0) {
      throw new IllegalStateException(
          outstanding + " calls without an answer after " + LAST_ANSWERS_MILLIS + " ms");
    }
  }

  private void throwFailure() {
    String why = failure;
    if (why != null) {
      throw new IllegalStateException(why);
    }
  }

  /** Sends what should have been sent by now; a call that finds no free place waits, and pays. */
  private void sendDue(long start) {
    long target = (long) ((System.nanoTime() - start) / 1e9 * rate);
    int full = 0;
    while (due < target && full < connections.size()) {
      Connection connection = connections.get(turn++ % connections.size());
      if (connection.free == 0) {
        full++;
      } else {
        full = 0;
        connection.sendOne(start + (long) (due++ * 1e9 / rate));
      }
    }
    connections.forEach(Connection::flush);
  }

  private void fail(String why) {
    if (failure == null) {
      failure = why;
    }
  }

  @Override
  public long answered() {
    return answered;
  }

  @Override
  public void close() {
    loops.close();
  }

  /** One connection and its places: a call in flight has one, by the last bits of its number. */
  private final class Connection extends ByteToMessageDecoder implements Wire.Link {
    private final CountDownLatch open = new CountDownLatch(1);
    private final Wire wire;
    private final long[] sentAt;
    private final int[] numbers;
    private int free;
    private int next;
    private @Nullable ByteBuf unsent;
    private @Nullable ChannelHandlerContext context;
    private long now;

    Connection(int inFlight) {
      int places = Integer.highestOneBit(inFlight) * 4;
      free = inFlight;
      sentAt = new long[places];
      numbers = new int[places];
      Arrays.fill(numbers, NONE);
      wire = calls.wires().open(places);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
      context = active;
      wire.begin(this);
      flush();
      noteOpen();
    }

    private void noteOpen() {
      if (wire.isOpen()) {
        open.countDown();
      }
    }

    void sendAll() {
      long sending = System.nanoTime();
      while (free > 0) {
        sendOne(sending);
      }
      flush();
    }

    void sendOne(long at) {
      while (numbers[next & numbers.length - 1] != NONE) {
        next++; // the place of one that takes long
      }
      int place = next & numbers.length - 1;
      numbers[place] = next;
      sentAt[place] = at;
      free--;
      outstanding++;
      wire.call(this, next++);
    }

    @Override
    public ByteBuf room(int bytes) {
      ChannelHandlerContext here = requireNonNull(context);
      if (unsent != null && unsent.writableBytes() < bytes) {
        here.write(unsent, here.voidPromise());
        unsent = null;
      }
      if (unsent == null) {
        int capacity = Math.max(bytes, Math.min(BATCH_BYTES, bytes * (free + 1)));
        unsent = here.alloc().directBuffer(capacity);
      }
      return unsent;
    }

    void flush() {
      if (unsent != null) {
        ChannelHandlerContext here = requireNonNull(context);
        here.writeAndFlush(unsent, here.voidPromise());
        unsent = null;
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext open, Object message) throws Exception {
      now = System.nanoTime();
      super.channelRead(open, message);
    }

    @Override
    protected void decode(ChannelHandlerContext open, ByteBuf in, List<Object> out) {
      int before = free;
      wire.read(this, in);
      int count = free - before;
      if (count > 0) {
        answered += count;
        outstanding -= count;
      }
    }

    @Override
    public int place(int number) {
      int place = number & numbers.length - 1;
      return numbers[place] == number ? place : -1;
    }

    @Override
    public void answered(int number) {
      int place = place(number);
      if (place < 0) {
        throw new IllegalStateException(
            "an answer to call " + number + " (expected: to one in flight)");
      }
      latency.recordValue(Math.clamp(now - sentAt[place], 0, LONGEST_LATENCY_NANOS));
      numbers[place] = NONE;
      free++;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext here) throws Exception {
      super.channelReadComplete(here);
      noteOpen();
      if (running && rate == 0) {
        sendAll();
      }
      flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext here) {
      fail("the server closed a connection");
      open.countDown();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
      broke(cause);
      here.close();
    }

    void broke(Throwable cause) {
      fail("a connection broke: " + cause);
      open.countDown();
    }
  }
}
