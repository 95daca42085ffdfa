package io.volare.benchmarks;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import io.volare.rpc.Address;
import io.volare.transport.netty.Loops;
import io.volare.transport.thrift.WireForm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The load program: one event loop that sends ready-made frames, counts the replies and matches
 * their sequence ids; it decodes nothing. Closed loop, or open at a fixed rate: then a latency
 * counts from the moment at which the call was due.
 */
final class FrameLoad implements Load {
  private static final long TICK_NANOS = 200_000;
  private static final int BATCH_BYTES = 256 * 1024;
  private static final long LAST_ANSWERS_MILLIS = 20_000;

  private final Loops loops;
  private final EventLoop loop;
  private final ByteBuf template;
  private final int headerSequenceAt;
  private final int sequenceAt;
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

  private FrameLoad(Loops loops, ByteBuf template, double rate) {
    this.loops = loops;
    this.loop = loops.group().next();
    this.template = template;
    this.rate = rate;
    int message = EchoFrames.messageAt(template, 0);
    this.sequenceAt = EchoFrames.sequenceAt(template, message);
    this.headerSequenceAt = EchoFrames.hasHeader(template, 0) ? 8 : -1;
  }

  /** {@return a load whose connections are open} */
  static FrameLoad open(Options options) throws InterruptedException {
    int inFlight = options.number("in-flight", 1);
    WireForm form = options.choice("protocol", WireForm.TTHEADER);
    ByteBuf request =
        EchoFrames.request(
            form,
            options.number("size", 1024),
            options.text("multiplexed", inFlight > 1 ? "yes" : "no").equals("yes"),
            options.number("deadline", 0));
    String kind = options.text("client-loops", "best");
    Loops loops =
        kind.equals("best")
            ? Loops.create(1)
            : Loops.create(options.choice("client-loops", Loops.Kind.NIO), 1);
    FrameLoad load =
        new FrameLoad(
            loops,
            Unpooled.directBuffer(request.readableBytes()).writeBytes(request),
            options.number("rate", 0));
    load.connect(options.number("port", 0), options.number("connections", 1), inFlight);
    return load;
  }

  private void connect(int port, int count, int inFlight) throws InterruptedException {
    Address address = Address.tcp("127.0.0.1", port);
    for (int i = 0; i < count; i++) {
      Connection connection = new Connection(inFlight);
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
          .connect(loops.socketAddress(address))
          .sync();
      connections.add(connection);
    }
  }

  private static Histogram newHistogram() {
    return new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
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
    return new LoadResult(answered - before, (end - start) / 1e9, latency);
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
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    if (outstanding > 0) {
      throw new IllegalStateException(
          outstanding + " calls without an answer after " + LAST_ANSWERS_MILLIS + " ms");
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
    template.release();
  }

  /** One connection and its places: a place is a call in flight, its number is in the id. */
  private final class Connection extends ByteToMessageDecoder {
    private final long[] sentAt;
    private final int[] sequences;
    private final int[] freePlaces;
    private int free;
    private @Nullable ByteBuf unsent;
    private @Nullable ChannelHandlerContext context;
    private long now;

    Connection(int inFlight) {
      sentAt = new long[inFlight];
      sequences = new int[inFlight];
      freePlaces = new int[inFlight];
      for (int i = 0; i < inFlight; i++) {
        sequences[i] = i + inFlight;
        freePlaces[free++] = i;
      }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      context = added;
    }

    void sendAll() {
      long sending = System.nanoTime();
      while (free > 0) {
        sendOne(sending);
      }
      flush();
    }

    void sendOne(long at) {
      ChannelHandlerContext open = requireNonNull(context);
      int place = freePlaces[--free];
      sentAt[place] = at;
      outstanding++;
      int size = template.readableBytes();
      if (unsent != null && unsent.writableBytes() < size) {
        open.write(unsent, open.voidPromise());
        unsent = null;
      }
      if (unsent == null) {
        int capacity = Math.max(size, Math.min(BATCH_BYTES, size * (free + 1)));
        unsent = open.alloc().directBuffer(capacity);
      }
      int start = unsent.writerIndex();
      unsent.writeBytes(template, 0, size);
      unsent.setInt(start + sequenceAt, sequences[place]);
      if (headerSequenceAt >= 0) {
        unsent.setInt(start + headerSequenceAt, sequences[place]);
      }
    }

    void flush() {
      if (unsent != null) {
        ChannelHandlerContext open = requireNonNull(context);
        open.writeAndFlush(unsent, open.voidPromise());
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
      int count = 0;
      for (int at = in.readerIndex(); ; at = in.readerIndex()) {
        int length = EchoFrames.length(in, at);
        if (length < 0) {
          break;
        }
        answer(in, EchoFrames.messageAt(in, at));
        in.skipBytes(length);
        count++;
      }
      if (count > 0) {
        answered += count;
        outstanding -= count;
      }
    }

    private void answer(ByteBuf in, int message) {
      int sequence = EchoFrames.sequence(in, message);
      int place = Integer.remainderUnsigned(sequence, sequences.length);
      if (!EchoFrames.isReply(in, message) || sequences[place] != sequence) {
        fail(
            "an answer of type %d with sequence id %d (expected: 2, %d)"
                .formatted(in.getByte(message + 3), sequence, sequences[place]));
        return;
      }
      latency.recordValue(Math.max(0, now - sentAt[place]));
      sequences[place] = sequence + sequences.length;
      freePlaces[free++] = place;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext open) throws Exception {
      super.channelReadComplete(open);
      if (running && rate == 0) {
        sendAll();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext open) {
      fail("the server closed a connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext open, Throwable cause) {
      fail("a connection broke: " + cause);
      open.close();
    }
  }
}
