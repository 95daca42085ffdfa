package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.volare.codec.thrift.ApplicationError;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import io.volare.motore.Deadline;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.BusinessException;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.StatusCodes;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Outbox;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One call at the server, from its frame to its reply.
 *
 * <p>The loop makes it and reads the envelope and the header; one thread runs it; the loop writes
 * the reply that it left. The request's bytes are the loop's while it is made and, if it runs
 * inline, until it has run; another thread gets a copy. The reply's bytes go to the channel, or are
 * released with it.
 */
final class ServerCall extends Outbox.Envelope implements Runnable, InboundRequest {
  private static final System.Logger LOG = System.getLogger(ServerCall.class.getName());

  /**
   * How long after the deadline a handler is interrupted. The wire has whole milliseconds, rounded
   * down: by then the caller has given up by its own clock and does not take the answer for the
   * handler's failure.
   */
  private static final long GRACE_NANOS = 5_000_000;

  /** A hundred years. */
  private static final long LONGEST_MILLIS = 36_500L * 24 * 60 * 60 * 1000;

  private static final byte[] NO_ARRAY = {};

  /** Stands for the thread of a call that has ended. */
  private static final Thread OVER = Thread.ofVirtual().unstarted(() -> {});

  private static final VarHandle RUNNER;

  static {
    try {
      RUNNER = MethodHandles.lookup().findVarHandle(ServerCall.class, "runner", Thread.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** In the loop's {@link CallList}. */
  @Nullable ServerCall next;

  /** In the loop's {@link CallList}. */
  @Nullable ServerCall previous;

  private final ServerConnection connection;
  private final Frame frame;
  private final ThriftMessage envelope;
  private @Nullable ThriftReader reader;
  private final Routes.@Nullable Route route;
  private final MetaInfo metaInfo;
  private final Deadline deadline;
  private final @Nullable Throwable refusal;
  private @Nullable Object arguments;
  private Place place = Place.ELSEWHERE;

  /** Has the request, and then the reply if it fits. */
  private byte[] array = NO_ARRAY;

  /** A short reply: the first {@link #replyBytes} of an array. */
  private byte @Nullable [] few;

  /** A longer reply. */
  private @Nullable ByteBuf many;

  private int replyBytes;
  private boolean done;
  private boolean interrupted;
  private int owedBytes;
  private boolean closesConnection;
  private volatile @Nullable Thread runner;
  private volatile boolean interrupting;

  ServerCall(ServerConnection connection, Frame frame) {
    this.connection = connection;
    this.frame = frame;
    metaInfo = MetaInfo.create(connection.server().config().metaInfo());
    ThriftReader in = frame.reader(connection.server().config().thrift());
    ThriftMessage read = UNREADABLE;
    Throwable wrong = null;
    Deadline until = Deadline.NONE;
    Routes.Route found = null;
    try {
      read = ThriftMessage.read(in, connection.likelyMethod());
      checkAsks(read);
      until = readHeader();
      found = find(read);
    } catch (RuntimeException refused) {
      wrong = refused;
    }
    envelope = read;
    deadline = until;
    route = found;
    refusal = wrong;
    if (frame.isBorrowed() && !isInline()) {
      array = connection.loop().arrays().take(in.remaining());
      reader = in.copyRestTo(array);
    } else {
      reader = in;
    }
    closesConnection = read == UNREADABLE;
  }

  private static final ThriftMessage UNREADABLE =
      new ThriftMessage(ThriftMessage.CALL, "unreadable", 0);

  private static void checkAsks(ThriftMessage message) {
    if (message.type() != ThriftMessage.CALL && message.type() != ThriftMessage.ONEWAY) {
      throw new UnknownTargetException(
          "message type " + message.type() + " (expected: 1 or 4)", INVALID_MESSAGE_TYPE);
    }
  }

  private static final int INVALID_MESSAGE_TYPE = 2;

  private Deadline readHeader() {
    TtHeader header = frame.header();
    if (header == null) {
      return Deadline.NONE;
    }
    Received received = new Received(metaInfo, Names.RPC);
    header.forEachString(received::forward);
    if (header.token() != null) {
      received.forward(TtHeader.TOKEN_NAME, header.token());
    }
    received.deliver();
    String timeout = header.value(IntKey.RPC_TIMEOUT);
    return timeout == null ? Deadline.NONE : deadlineIn(timeout);
  }

  private Deadline deadlineIn(String millis) {
    try {
      long left = Long.parseLong(millis);
      long nanos = Math.min(left, LONGEST_MILLIS) * 1_000_000;
      return left <= 0
          ? Deadline.NONE
          : Deadline.at(connection.messageStarted() + nanos, Time.SYSTEM);
    } catch (NumberFormatException noNumber) {
      return Deadline.NONE;
    }
  }

  private Routes.Route find(ThriftMessage message) {
    TtHeader header = frame.header();
    String service = header == null ? null : header.value("isn");
    Routes routes = connection.server().routes();
    Routes.Route found = routes.find(service, message.name());
    if (found != null) {
      return found;
    }
    if (service != null && !service.isEmpty() && !routes.hasService(service)) {
      throw new UnknownTargetException(
          "service " + service + " (offered: " + routes + ")", StatusCodes.THRIFT_UNKNOWN_SERVICE);
    }
    throw new UnknownTargetException(
        "method " + message.name() + (service == null ? "" : " of service " + service),
        StatusCodes.THRIFT_UNKNOWN_METHOD);
  }

  private RpcException late() {
    return RpcException.notExecuted(
        Kind.DEADLINE_EXCEEDED, envelope.name() + ": the deadline had passed when it arrived");
  }

  /** {@return the method's name, where it is known the one that all calls of it share} */
  String method() {
    return route == null ? envelope.name() : route.method().name();
  }

  boolean isOneway() {
    return envelope.type() == ThriftMessage.ONEWAY;
  }

  boolean readsControlFrames() {
    return allowsAnyOrder() && Peer.of(frame).readsControlFrames();
  }

  boolean allowsAnyOrder() {
    return frame.header() != null && frame.header().isOutOfOrder();
  }

  boolean isPairedById() {
    return allowsAnyOrder() && !isOneway();
  }

  /** {@return the id in its header, which it has if it {@link #isPairedById}} */
  int sequence() {
    return requireNonNull(frame.header()).sequence();
  }

  /** {@return where it is answered, unless it {@link #isRefused}} */
  Execution execution() {
    return requireNonNull(route).execution();
  }

  /** {@return whether it runs on the loop's thread until it ends or waits; asked by the loop} */
  boolean startsHere() {
    return route != null && route.execution().startsHere();
  }

  /** {@return the thread that answers it now, or null} */
  @Nullable Thread runner() {
    Thread now = runner;
    return now == OVER ? null : now;
  }

  boolean isInline() {
    return route != null && route.execution().isInline();
  }

  Place place() {
    return place;
  }

  void place(Place place) {
    this.place = place;
  }

  boolean isRefused() {
    return refusal != null;
  }

  boolean hasDeadline() {
    return deadline.isFinite();
  }

  boolean isOverdue(long now) {
    return deadline.isFinite() && deadline.nanos() + GRACE_NANOS - now <= 0;
  }

  /** {@return nanoseconds that are left, at least 0; the most there is without a deadline} */
  long untilDeadline(long now) {
    return deadline.isFinite() ? Math.max(0, deadline.nanos() + GRACE_NANOS - now) : Long.MAX_VALUE;
  }

  /** Bytes that this call holds until its reply is written; its connection counts them. */
  int owedBytes() {
    return owedBytes;
  }

  void owedBytes(int bytes) {
    owedBytes = bytes;
  }

  int replyBytes() {
    return replyBytes;
  }

  boolean isDone() {
    return done;
  }

  void markDone() {
    done = true;
  }

  /** {@return whether the bytes after this call cannot be trusted} */
  boolean closesConnection() {
    return closesConnection;
  }

  /** On the loop: hands its reply over, if it has one. */
  void sendTo(WriteBatch batch) {
    LoopMemory loop = connection.loop();
    if (few != null) {
      batch.add(loop, few, replyBytes, connection.bytesToFollow(replyBytes));
    } else if (many != null) {
      batch.add(many);
      many = null;
    }
    leave(loop);
  }

  /** On the loop: nobody wants its reply. */
  void discard() {
    if (many != null) {
      many.release();
      many = null;
    }
    leave(connection.loop());
  }

  /** On the loop: nobody reads or writes its array any more. */
  private void leave(LoopMemory loop) {
    few = null;
    loop.arrays().giveBack(array);
    array = NO_ARRAY;
  }

  /** On the loop: answers without running anything. */
  void answerRefusal() {
    failWith(refusal);
    connection.completed(this);
  }

  /** On the loop: the executor had no room. */
  void rejected() {
    failWith(
        RpcException.notExecuted(
            Kind.RESOURCE_EXHAUSTED, envelope.name() + ": the server has no room for more calls"));
    connection.completed(this);
  }

  /** On the loop: at the deadline, which may be looked at again while the handler goes on. */
  void interruptOnce() {
    if (!interrupted) {
      interrupted = true;
      interrupt();
    }
  }

  /**
   * Asks the running handler to stop; does nothing before it runs and after it has ended.
   *
   * <p>Both this and {@link #end} write first and then read what the other writes, so one of them
   * sees the other: a thread that has ended is not interrupted, or waits until it was.
   */
  synchronized void interrupt() {
    interrupting = true;
    Thread running = runner();
    if (running != null) {
      running.interrupt();
    }
    interrupting = false;
  }

  /** What runs inline is never interrupted: the loop that would do it runs it. */
  private void begin() {
    if (!isInline()) {
      RUNNER.setRelease(this, Thread.currentThread());
    }
  }

  private void end() {
    if (isInline()) {
      return;
    }
    runner = OVER;
    if (interrupting) {
      awaitInterrupt();
    }
  }

  private synchronized void awaitInterrupt() {
    // who interrupts holds the monitor
  }

  @Override
  public void run() {
    // a closed connection is full as well, but what has no reply does not wait for room
    if (place == Place.ELSEWHERE && !isOneway() && !isInline() && connection.isFull()) {
      connection.putOff(this);
      return;
    }
    begin();
    Throwable failure = null;
    try {
      Routes.Route known = requireNonNull(route);
      RpcContext context = context(known);
      try {
        if (deadline.isExpired()) {
          throw late();
        }
        Object value = context.serve(() -> known.service().call(context, this));
        replyWith(known, value);
      } catch (Throwable thrown) {
        failure = thrown;
        try {
          replyWithFailure(known, thrown);
        } catch (RuntimeException unwritable) {
          replyWithUnwritable(unwritable);
        }
      } finally {
        context.end(failure);
      }
    } finally {
      end();
      reader = null; // its bytes may have gone
      clearInterrupt();
      connection.completed(this);
    }
  }

  /** On the loop: its reply is ready. */
  @Override
  public void post(Channel channel, ChannelPromise promise) {
    connection.post(this);
  }

  private void clearInterrupt() {
    if (!Thread.currentThread().isVirtual()) {
      Thread.interrupted();
    }
  }

  private RpcContext context(Routes.Route known) {
    TtHeader header = frame.header();
    String caller = header == null ? null : header.value(IntKey.FROM_SERVICE);
    String callee = header == null ? null : header.value(IntKey.TO_SERVICE);
    RpcContext context =
        RpcContext.server(
            known.method(),
            caller == null ? "" : caller,
            callee == null || callee.isEmpty() ? known.method().service() : callee,
            metaInfo,
            connection.peer());
    context.deadline(deadline);
    return context;
  }

  @Override
  public Object decode() {
    Object decoded = arguments;
    if (decoded == null) {
      ThriftReader in = reader;
      if (in == null) {
        throw new IllegalStateException(
            envelope.name() + ": decoded after the call has ended (expected: before that)");
      }
      try {
        decoded = requireNonNull(route).method().args().read(in);
        checkEnds(in);
      } catch (ThriftProtocolException wrong) {
        closesConnection = !allowsAnyOrder();
        throw wrong;
      }
      arguments = decoded;
    }
    return decoded;
  }

  private void checkEnds(ThriftReader in) {
    if (in.remaining() > 0) {
      throw new ThriftProtocolException(
          "%s: %d B behind the arguments (expected: none)"
              .formatted(envelope.name(), in.remaining()));
    }
  }

  @Override
  public int size() {
    return frame.size();
  }

  private void replyWith(Routes.Route known, @Nullable Object value) {
    if (isOneway()) {
      return;
    }
    try (Reply out = reply()) {
      begin(out, ThriftMessage.REPLY, null);
      known.method().result().write(value, out.writer());
      out.checkSize(connection.server().config().messageBytes());
      finish(out);
    }
  }

  private void replyWithFailure(Routes.Route known, Throwable thrown) {
    if (isOneway()) {
      LOG.log(System.Logger.Level.WARNING, envelope.name() + ": a oneway call failed", thrown);
      return;
    }
    if (thrown instanceof BusinessException business && form().hasHeader()) {
      replyWithBusinessError(business);
    } else if (!replyWithDeclared(known, thrown)) {
      failWith(thrown);
    }
  }

  /** Answers when the answer itself cannot be written, for instance with too much metainfo. */
  private void replyWithUnwritable(RuntimeException unwritable) {
    LOG.log(
        System.Logger.Level.WARNING, envelope.name() + ": the reply cannot be sent", unwritable);
    try (Reply out = reply()) {
      begin(out, ThriftMessage.EXCEPTION, NOTHING, null);
      new ApplicationError(
              envelope.name() + ": the reply cannot be sent: its header would be too large",
              StatusCodes.THRIFT_INTERNAL_ERROR)
          .write(out.writer());
      finish(out);
    }
  }

  private static final MetaInfo NOTHING = MetaInfo.create();

  private boolean replyWithDeclared(Routes.Route known, Throwable thrown) {
    try (Reply out = reply()) {
      begin(out, ThriftMessage.REPLY, null);
      boolean declared = known.method().result().writeDeclared(thrown, out.writer());
      if (declared) {
        finish(out);
      }
      return declared;
    }
  }

  /** Kitex reads the error beside an empty result, Volo beside an exception: by the peer's keys. */
  private void replyWithBusinessError(BusinessException business) {
    boolean volo = Peer.of(frame).wantsVoloBusinessErrors();
    try (Reply out = reply()) {
      begin(out, volo ? ThriftMessage.EXCEPTION : ThriftMessage.REPLY, business);
      if (volo) {
        String message = business.getMessage() == null ? "" : business.getMessage();
        new ApplicationError(message, StatusCodes.THRIFT_INTERNAL_ERROR).write(out.writer());
      } else {
        out.writer().writeFieldStop();
      }
      finish(out);
    }
  }

  private void failWith(@Nullable Throwable thrown) {
    if (isOneway()) {
      return;
    }
    logDefect(thrown);
    Throwable said = thrown instanceof InterruptedException ? stopped() : thrown;
    try (Reply out = reply()) {
      begin(out, ThriftMessage.EXCEPTION, said);
      told(said).write(out.writer());
      finish(out);
    }
  }

  private void logDefect(@Nullable Throwable thrown) {
    boolean said = thrown instanceof Failure failure && failure.kind() != Kind.INTERNAL;
    if (!said && !(thrown instanceof InterruptedException)) {
      LOG.log(System.Logger.Level.WARNING, envelope.name() + ": the handler failed", thrown);
    }
  }

  private RpcException stopped() {
    boolean late = deadline.isExpired();
    return RpcException.of(
        late ? Kind.DEADLINE_EXCEEDED : Kind.CANCELLED,
        envelope.name() + (late ? ": the deadline passed" : ": the call was cancelled"));
  }

  private ApplicationError told(@Nullable Throwable thrown) {
    if (thrown instanceof UnknownTargetException unknown) {
      return new ApplicationError("unknown " + unknown.getMessage(), unknown.type());
    }
    return ApplicationError.of(thrown);
  }

  private WireForm form() {
    return frame.form();
  }

  private Reply reply() {
    return place == Place.IN_BATCH
        ? Reply.behind(connection.nextReply(frame.size()))
        : Reply.alone(connection.channel().alloc());
  }

  private void finish(Reply out) {
    out.finish();
    if (place == Place.IN_BATCH) {
      return;
    }
    replyBytes = out.written();
    few = out.takeFew(array);
    if (few == null) {
      many = out.takeMany();
    }
  }

  private void begin(Reply out, byte type, @Nullable Throwable failure) {
    begin(out, type, metaInfo, failure);
  }

  private void begin(Reply out, byte type, MetaInfo metaInfo, @Nullable Throwable failure) {
    boolean last = closesConnection || connection.isDraining();
    out.begin(frame, envelope, type, metaInfo, failure, arguments != null, last);
  }

  /** Where it is while it runs. */
  enum Place {
    /**
     * On the loop's thread, as the next one to be answered; its reply is written where it leaves.
     */
    IN_BATCH,
    /** On the loop's thread, as the next one to be answered, while it does not wait. */
    HERE,
    /** It has ended {@link #HERE}, and its reply is for the loop to take. */
    ENDED_HERE,
    /** On any thread, among the calls in flight. */
    ELSEWHERE
  }
}
