package io.volare.transport.thrift;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.collection.IntObjectHashMap;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Endpoint;
import io.volare.transport.thrift.ServerCall.Place;
import io.volare.transport.netty.Outbox;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.ServerPort;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server. All fields belong to its event loop; calls that run elsewhere reach
 * it through the outbox only.
 *
 * <p>Replies leave in the order of their requests, except those whose request says that any order
 * will do (TTHeader's flag 0x0001): a client that does not say so may pair replies by position.
 *
 * <p>What a connection holds is bounded: it takes no more requests while it owes too many replies,
 * too many bytes, or while its replies are not taken. Then neither the socket is read nor what has
 * been read is cut.
 */
final class ServerConnection extends FrameReader implements Protocol.Connection {
  private static final System.Logger LOG = System.getLogger(ServerConnection.class.getName());

  /** How often at least idleness and stalling are looked at; deadlines have their own time. */
  private static final long MOST_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long DRAIN_CHECK_MILLIS = 20;

  /** Replies that are ready and not handed to the channel; beyond it no further call begins. */
  private static final long MOST_READY_BYTES = 256 * 1024;

  /** Put off calls that begin again at a time; each may find the connection full once more. */
  private static final int BEGIN_AT_ONCE = 8;

  /** A connection on which nothing came for this long is not about to be used. */
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final VarHandle READY_BYTES;

  static {
    try {
      READY_BYTES =
          MethodHandles.lookup().findVarHandle(ServerConnection.class, "readyBytes", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final ThriftProtocol server;
  private final ServerPort port;
  private final Channel channel;
  private final WriteBatch replies;
  private final Outbox outbox;
  private final Endpoint peer;
  private final ArrayDeque<ServerCall> ordered = new ArrayDeque<>();
  private final ArrayDeque<ServerCall> putOff = new ArrayDeque<>();
  private final CallList inFlight = new CallList();

  /** Those in flight that are answered in any order, by their sequence ids. */
  private final IntObjectHashMap<ServerCall> byId = new IntObjectHashMap<>();

  /**
   * Added to by the threads that answer, taken from by the loop. A field, as an object of its own
   * would be one more that is not in the processor's cache.
   */
  private volatile long readyBytes;

  /** Of the ready bytes, those that the loop has taken. */
  private long postedBytes;

  private final long checkNanos;
  private final NextCheck nextCheck;
  private final SlowPeer slowPeer;
  private long lastActive = System.nanoTime();
  private boolean repliedSinceCheck;
  private boolean servedAny;

  /** Calls whose reply is not handed to the channel yet, and what they hold. */
  private int owed;

  private long owedBytes;

  /** The method that was called last: often the next one too. */
  private String likelyMethod = "";

  private boolean speaksControl;
  private boolean drainAnnounced;
  private boolean controlSent;
  private boolean closing;

  ServerConnection(ThriftProtocol server, ServerPort port, Channel channel) {
    super(server.config().messageBytes(), server.config().thrift());
    this.server = server;
    this.port = port;
    this.channel = channel;
    this.replies = new WriteBatch(channel);
    this.outbox = new Outbox(channel, this::posted);
    this.peer = ServerPort.peer(channel);
    this.nextCheck = new NextCheck(channel.eventLoop(), this::check);
    this.slowPeer = new SlowPeer(this, server.unsent());
    checkNanos = Math.min(MOST_CHECK_NANOS, server.config().stalled().toNanos() / 2);
  }

  ThriftProtocol server() {
    return server;
  }

  /** {@return whether its port is draining; from any thread} */
  boolean isDraining() {
    return port.isDraining();
  }

  Channel channel() {
    return channel;
  }

  Endpoint peer() {
    return peer;
  }

  String likelyMethod() {
    return likelyMethod;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    nextCheck.in(checkNanos, System.nanoTime());
    context.fireChannelActive();
  }

  @Override
  protected boolean takesMore() {
    boolean takes =
        !closing
            && owed < server.config().inFlight()
            && owedBytes < server.config().messageBytes()
            && !isFull();
    if (!takes) {
      channel.config().setAutoRead(false);
    }
    return takes;
  }

  /** {@return whether its peer takes no more for now; from any thread} */
  boolean isFull() {
    return !channel.isWritable() || readyBytes > MOST_READY_BYTES;
  }

  /** From any thread: {@code call} has found the connection full and shall begin later. */
  void putOff(ServerCall call) {
    outbox.add((out, promise) -> {
      putOff.add(call);
      readOn();
    });
  }

  private void beginPutOff() {
    if (!channel.isActive()) {
      putOff.forEach(this::forget);
      putOff.clear();
    }
    for (int i = 0; i < BEGIN_AT_ONCE && !putOff.isEmpty() && !isFull(); i++) {
      dispatch(putOff.poll());
    }
  }

  private void forget(ServerCall call) {
    ended(call);
    settle(call);
    call.discard();
  }

  /** Goes on reading where {@link #takesMore} had stopped it. */
  private void readOn() {
    beginPutOff();
    if (!channel.config().isAutoRead() && takesMore()) {
      channel.config().setAutoRead(true);
      cutMore();
    }
  }

  @Override
  protected void receivedAll() {
    replies.flush();
  }

  @Override
  protected void received(Frame frame) {
    lastActive = messageStarted();
    servedAny = true;
    ServerCall call = new ServerCall(this, frame);
    likelyMethod = call.method();
    speaksControl |= call.readsControlFrames();
    if (call.isRefused() && call.isOneway()) {
      return;
    }
    if (isNext(call) && call.startsHere()) {
      startHere(call);
    } else {
      begun(call);
      dispatch(call);
    }
  }

  private boolean isNext(ServerCall call) {
    return call.allowsAnyOrder() || ordered.isEmpty();
  }

  /** Most calls that start here are over before the next one is looked at. */
  private void startHere(ServerCall call) {
    if (owed > 0 && call.isPairedById() && byId.containsKey(call.sequence())) {
      throw notPairable(call);
    }
    call.place(call.isInline() ? Place.IN_BATCH : Place.HERE);
    call.execution().run(call);
    if (call.place() == Place.HERE) {
      call.place(Place.ELSEWHERE);
      begun(call);
    } else {
      endedHere(call);
    }
  }

  /** Flushed once all is received that has arrived with it. */
  private void endedHere(ServerCall call) {
    repliedSinceCheck = true;
    send(call);
    closeWhenDrained();
  }

  /** From now on, {@code call} is in flight. */
  private void begun(ServerCall call) {
    checkPairable(call);
    inFlight.add(call);
    owe(call, call.size());
    if (!call.allowsAnyOrder() && !call.isOneway()) {
      ordered.add(call);
    }
    if (call.hasDeadline()) {
      long now = messageStarted();
      nextCheck.within(call.untilDeadline(now), now);
    }
  }

  /** Two replies with one sequence id could not be told apart by whoever asked. */
  private void checkPairable(ServerCall call) {
    if (!call.isPairedById()) {
      return;
    }
    ServerCall other = byId.put(call.sequence(), call);
    if (other != null) {
      byId.put(other.sequence(), other);
      throw notPairable(call);
    }
  }

  private static ThriftProtocolException notPairable(ServerCall call) {
    return new ThriftProtocolException(
        "TTHeader: sequence id "
            + call.sequence()
            + " of a call in flight (expected: one that is not in use)");
  }

  private void ended(ServerCall call) {
    inFlight.remove(call);
    if (call.isPairedById()) {
      byId.remove(call.sequence());
    }
  }

  private void owe(ServerCall call, int bytes) {
    owed++;
    owedBytes += bytes;
    call.owedBytes(bytes);
  }

  private void settle(ServerCall call) {
    owed--;
    owedBytes -= call.owedBytes();
  }

  private void dispatch(ServerCall call) {
    if (call.isRefused()) {
      call.answerRefusal();
      return;
    }
    try {
      call.execution().run(call);
    } catch (RejectedExecutionException full) {
      call.rejected();
    }
  }

  /** Called from any thread once a call's reply is ready. */
  void completed(ServerCall call) {
    if (call.place() == Place.HERE) {
      call.place(Place.ENDED_HERE);
      return;
    }
    if (call.place() == Place.IN_BATCH) {
      return;
    }
    if (call.isInline()) {
      answered(call); // flushed once all is received that has arrived with it
      return;
    }
    READY_BYTES.getAndAdd(this, (long) call.replyBytes());
    outbox.add(call);
  }

  /** On the loop: writes the reply of {@code call} once it is its turn. */
  void post(ServerCall call) {
    postedBytes += call.replyBytes();
    answered(call);
  }

  /** All that were ready are {@linkplain #post posted}. */
  private void posted() {
    READY_BYTES.getAndAdd(this, -postedBytes);
    postedBytes = 0;
    replies.flush();
    readOn();
  }

  private void answered(ServerCall call) {
    ended(call);
    repliedSinceCheck = true;
    if (call.isOneway() || !channel.isActive()) {
      settle(call);
      call.discard();
    } else if (call.allowsAnyOrder()) {
      write(call);
    } else {
      call.markDone();
      owedBytes += call.replyBytes() - call.owedBytes();
      call.owedBytes(call.replyBytes());
      while (!ordered.isEmpty() && ordered.peek().isDone()) {
        write(ordered.poll());
      }
    }
    closeWhenDrained();
  }

  private void write(ServerCall call) {
    settle(call);
    send(call);
  }

  private void send(ServerCall call) {
    call.sendTo(replies);
    if (call.closesConnection() && !call.isOneway()) {
      closeAfterReplies();
    }
  }

  /** {@return how many bytes of replies may follow one of {@code bytes}, before the flush} */
  long bytesToFollow(int bytes) {
    return (long) owed * bytes + unread();
  }

  /** {@return where the next reply, of about so many bytes, is to be written} On the loop. */
  ThriftWriter nextReply(int bytes) {
    return replies.writer(loop(), bytes, unread());
  }

  /** What was answered before is not lost by what came behind it. */
  @Override
  protected void malformed(ThriftProtocolException wrong) {
    closing = true;
    replies.flush();
    closeAs(String.valueOf(wrong.getMessage()));
  }

  @Override
  public void announceDrain() {
    channel.eventLoop().execute(this::drain);
  }

  @Override
  public void forEachRunner(Consumer<? super Thread> action) {
    channel.eventLoop().execute(() -> inFlight.forEachRunner(action));
  }

  private void drain() {
    if (!drainAnnounced && channel.isActive()) {
      drainAnnounced = true;
      watchDrain();
    }
  }

  private void watchDrain() {
    if (!channel.isActive()) {
      return;
    }
    if (speaksControl && !controlSent) {
      controlSent = true;
      channel.writeAndFlush(ControlFrame.connectionReset(channel.alloc()));
    }
    closeWhenDrained();
    channel.eventLoop().schedule(this::watchDrain, DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Closes a connection of a draining server once nothing can be lost by it: a peer that knows the
   * control frame closes by itself; one that reads {@code crrst} in replies too, unless it has
   * nothing to send; Kitex's multiplexing client reads neither, and is left when it is quiet;
   * framed and bare peers are told by the closing itself. A connection on which nothing came yet
   * was made a moment ago, most likely for a call that is on its way.
   */
  private void closeWhenDrained() {
    if (!isDraining() || !inFlight.isEmpty() || isWithinMessage() || speaksControl) {
      return;
    }
    boolean toldByClosing = servedAny && !sawHeader();
    if (toldByClosing || System.nanoTime() - lastActive > QUIET_NANOS) {
      closeAfterReplies();
    }
  }

  /** Closing drops what is not flushed yet, so the last write closes. */
  private void closeAfterReplies() {
    if (!closing) {
      closing = true;
      replies.write();
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel.close());
    }
  }

  /** Closes and says why; from any thread. */
  void closeAs(String why) {
    server.log().warn(() -> peer + ": closed: " + why);
    channel.close();
  }

  private void check() {
    if (!channel.isActive()) {
      return;
    }
    long now = System.nanoTime();
    inFlight.interruptExpired(now);
    if (repliedSinceCheck) {
      repliedSinceCheck = false;
      lastActive = now;
    }
    lookAtWaiting(now);
    String why = reasonToClose(now);
    if (why != null) {
      closeAs(why);
    } else if (isIdle(now)) {
      channel.close();
    } else {
      nextCheck.in(inFlight.untilDeadline(now, checkNanos), now);
    }
  }

  private @Nullable String reasonToClose(long now) {
    ThriftServerConfig config = server.config();
    long stalledNanos = config.stalled().toNanos();
    boolean reading = channel.config().isAutoRead();
    if (slowPeer.isStalled(now, stalledNanos)) {
      return "no byte of its replies was taken for " + config.stalled();
    }
    if (reading && isWithinMessage() && now - messageStarted() > stalledNanos) {
      return "a message did not arrive within " + config.stalled();
    }
    if (!servedAny && !isWithinMessage() && now - lastActive > stalledNanos) {
      return "nothing came within " + config.stalled();
    }
    return null;
  }

  private boolean isIdle(long now) {
    return owed == 0 && !isWithinMessage() && now - lastActive > server.config().idle().toNanos();
  }

  private void lookAtWaiting(long now) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    long waits = out == null || channel.isWritable() ? 0 : out.totalPendingWriteBytes();
    slowPeer.waits(now, waits);
  }

  /** {@return bytes that wait for a slow peer, as far as its loop has told} */
  long waitingBytes() {
    return slowPeer.bytes();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    lookAtWaiting(System.nanoTime());
    if (channel.isWritable()) {
      channel.eventLoop().execute(this::readOn); // not in the middle of what is being sent
    } else {
      channel.config().setAutoRead(false);
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    server.closed(this);
    slowPeer.waits(0, 0);
    nextCheck.cancel();
    inFlight.interruptAll();
    beginPutOff();
    ordered.stream().filter(ServerCall::isDone).forEach(ServerCall::discard);
    ordered.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (!(failure instanceof IOException)) {
      LOG.log(System.Logger.Level.WARNING, peer + ": the connection is closed", failure);
    }
    channel.close();
  }
}
