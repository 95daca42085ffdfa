package io.volare.metainfo;

import static java.util.Objects.requireNonNull;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of one call: what came with it, what goes on with it, and what goes back.
 *
 * <table>
 * <caption>What becomes of a value at the next hop</caption>
 * <tr><th>set here</th><th>the receiver reads it as</th><th>and passes it on</th></tr>
 * <tr><td>{@link #setPersistent persistent}</td><td>persistent</td><td>on every further hop</td></tr>
 * <tr><td>{@link #setTransient transient}</td><td>{@link #upstream}</td><td>no</td></tr>
 * <tr><td>{@link #setBackward backward}, by a handler</td><td>{@link #downstream}, at its caller</td>
 * <td>no</td></tr>
 * <tr><td>{@link #setLocal local}, {@link #put typed}</td><td>nothing: it stays in this process</td>
 * <td></td></tr>
 * </table>
 *
 * <p>The W3C keys {@code traceparent}, {@code tracestate} and {@code baggage} are the exception
 * that keeps traces whole: a hop that received them upstream and set none of its own passes them
 * on.
 *
 * <p>A {@code MetaInfo} is mutable and belongs to the thread that it is {@linkplain #run bound} on.
 * Other threads that inherit the binding read it, and get an {@link IllegalStateException} when
 * they write: {@link Carrying} gives each thread a {@link #fork} of its own. The values themselves
 * are immutable snapshots, so reading from anywhere is safe. Backward values alone are shared by
 * all forks and may be set from any of them until the response has gone out.
 *
 * <p>Empty keys and empty values are dropped, as Kitex drops them. Whatever is set or received is
 * held to {@link MetaInfoLimits}. Semantics and wire names follow Volo's and Kitex's metainfo.
 */
public final class MetaInfo {
  private static final ScopedValue<MetaInfo> CURRENT = ScopedValue.newInstance();
  private static final Set<String> RELAYED = Set.of("traceparent", "tracestate", "baggage");

  final MetaInfoLimits limits;

  /** Whose response the backward values of all forks go to: the first of them, or this. */
  private final MetaInfo origin;

  Entries persistents = Entries.EMPTY;
  Entries transients = Entries.EMPTY;
  Entries upstreams = Entries.EMPTY;
  Entries downstreams = Entries.EMPTY;
  private Entries locals = Entries.EMPTY;
  private @Nullable Object[] typed = NO_VALUES;
  private volatile @Nullable ResponseSink response; // the origin's alone
  private @Nullable Thread owner;

  private static final @Nullable Object[] NO_VALUES = {};
  private static final MetaInfo UNBOUND = new MetaInfo(MetaInfoLimits.DEFAULT);

  private MetaInfo(MetaInfoLimits limits) {
    this.limits = limits;
    this.origin = this;
  }

  private MetaInfo(MetaInfo forked) {
    limits = forked.limits;
    origin = forked.origin;
    persistents = forked.persistents;
    transients = forked.transients;
    upstreams = forked.upstreams;
    downstreams = forked.downstreams;
    locals = forked.locals;
    typed = forked.typed;
  }

  /** {@return an empty one with the default limits} */
  public static MetaInfo create() {
    return new MetaInfo(MetaInfoLimits.DEFAULT);
  }

  /** {@return an empty one} */
  public static MetaInfo create(MetaInfoLimits limits) {
    return new MetaInfo(requireNonNull(limits, "limits"));
  }

  /**
   * {@return the one bound on this thread}
   *
   * @throws IllegalStateException if none is bound; says how to bind one
   */
  public static MetaInfo current() {
    if (!CURRENT.isBound()) {
      throw new IllegalStateException(
          "no MetaInfo is bound on thread "
              + Thread.currentThread().getName()
              + ": open a scope with MetaInfo.run or MetaInfo.call, or wrap the task with Carrying");
    }
    return CURRENT.get();
  }

  /** {@return the one bound on this thread, or null} */
  public static @Nullable MetaInfo currentOrNull() {
    MetaInfo bound = CURRENT.orElse(UNBOUND);
    return bound == UNBOUND ? null : bound;
  }

  /** Runs {@code action} with {@code metaInfo} bound; the scope ends with it. */
  public static void run(MetaInfo metaInfo, Runnable action) {
    Thread before = metaInfo.takenBy(Thread.currentThread());
    try {
      ScopedValue.where(CURRENT, metaInfo).run(action);
    } finally {
      metaInfo.owner = before;
    }
  }

  /** {@return what {@code action} returns, run with {@code metaInfo} bound} */
  public static <R extends @Nullable Object, X extends Throwable> R call(
      MetaInfo metaInfo, ScopedValue.CallableOp<? extends R, X> action) throws X {
    Thread before = metaInfo.takenBy(Thread.currentThread());
    try {
      return ScopedValue.where(CURRENT, metaInfo).call(action);
    } finally {
      metaInfo.owner = before;
    }
  }

  private @Nullable Thread takenBy(Thread thread) {
    Thread before = owner;
    owner = thread;
    return before;
  }

  /**
   * {@return a copy for another thread or another attempt} What is written to the copy stays in the
   * copy, except backward values, which go to the one response of the call.
   */
  public MetaInfo fork() {
    return new MetaInfo(this);
  }

  /** {@return whether the calling thread may write: it is the owner, or there is none} */
  public boolean isWritable() {
    return owner == null || owner == Thread.currentThread();
  }

  /** {@return the value that travels on every hop, or null} */
  public @Nullable String persistent(String key) {
    return persistents.get(key);
  }

  /** {@return the value set here for the next hop, or null} */
  public @Nullable String transientValue(String key) {
    return transients.get(key);
  }

  /** {@return the transient value that the caller set for this hop, or null} */
  public @Nullable String upstream(String key) {
    return upstreams.get(key);
  }

  /** {@return the value that this handler sends back with its response, or null} */
  public @Nullable String backward(String key) {
    ResponseSink sink = origin.response;
    return sink == null ? null : sink.get(key);
  }

  /** {@return the value that the last callee sent back, or null} */
  public @Nullable String downstream(String key) {
    return downstreams.get(key);
  }

  /** {@return the value kept in this process only, or null} */
  public @Nullable String local(String key) {
    return locals.get(key);
  }

  /**
   * Sets a value for every further hop.
   *
   * @throws MetaInfoLimitException if it does not fit; nothing is changed
   * @throws IllegalStateException if another thread owns this
   */
  public void setPersistent(String key, String value) {
    checkWritable();
    persistents = limits.with(persistents, transients, upstreams, key, value);
  }

  /**
   * Sets a value for the next hop only.
   *
   * @throws MetaInfoLimitException if it does not fit; nothing is changed
   * @throws IllegalStateException if another thread owns this
   */
  public void setTransient(String key, String value) {
    checkWritable();
    transients = limits.with(transients, persistents, upstreams, key, value);
  }

  /**
   * Sets a value that goes back to the caller with the response. May be called from any fork.
   *
   * @throws MetaInfoLimitException if it does not fit; nothing is changed
   * @throws IllegalStateException if the response has gone out already
   */
  public void setBackward(String key, String value) {
    response().set(limits, key, value);
  }

  /**
   * Sets a value that stays in this process and in the forks made from now on.
   *
   * @throws MetaInfoLimitException if it does not fit; nothing is changed
   * @throws IllegalStateException if another thread owns this
   */
  public void setLocal(String key, String value) {
    checkWritable();
    locals = limits.with(locals, Entries.EMPTY, Entries.EMPTY, key, value);
  }

  /** Removes a persistent value, if there is one. */
  public void removePersistent(String key) {
    checkWritable();
    persistents = persistents.without(key);
  }

  /** Removes a transient value, if there is one. */
  public void removeTransient(String key) {
    checkWritable();
    transients = transients.without(key);
  }

  /** Removes a local value, if there is one. */
  public void removeLocal(String key) {
    checkWritable();
    locals = locals.without(key);
  }

  /** {@return the typed value, or null} */
  @SuppressWarnings("unchecked") // put() stores only a T under a MetaKey<T>
  public <T> @Nullable T get(MetaKey<T> key) {
    @Nullable Object[] pairs = typed;
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == key) {
        return (T) pairs[i + 1];
      }
    }
    return null;
  }

  /** Keeps a typed value in this process, or removes it with null. */
  public <T> void put(MetaKey<T> key, @Nullable T value) {
    checkWritable();
    @Nullable Object[] pairs = typed;
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == key) {
        @Nullable Object[] changed = pairs.clone();
        changed[i + 1] = value;
        typed = changed;
        return;
      }
    }
    @Nullable Object[] longer = java.util.Arrays.copyOf(pairs, pairs.length + 2);
    longer[pairs.length] = requireNonNull(key, "key");
    longer[pairs.length + 1] = value;
    typed = longer;
  }

  /** Tells each persistent entry. */
  public void forEachPersistent(BiConsumer<? super String, ? super String> action) {
    persistents.forEach(action);
  }

  /** Tells each transient entry that was set here. */
  public void forEachTransient(BiConsumer<? super String, ? super String> action) {
    transients.forEach(action);
  }

  /** Tells each entry that the caller set for this hop. */
  public void forEachUpstream(BiConsumer<? super String, ? super String> action) {
    upstreams.forEach(action);
  }

  /** Tells each entry that the last callee sent back. */
  public void forEachDownstream(BiConsumer<? super String, ? super String> action) {
    downstreams.forEach(action);
  }

  /** Tells each entry that goes back with the response, without its wire name. */
  public void forEachBackward(BiConsumer<? super String, ? super String> action) {
    ResponseSink sink = origin.response;
    if (sink != null) {
      sink.entries().forEach(action);
    }
  }

  /** {@return whether a request of this call would carry any metadata} */
  public boolean hasForward() {
    return !persistents.isEmpty() || !transients.isEmpty() || !upstreams.isEmpty();
  }

  /** {@return whether the response would carry any metadata} */
  public boolean hasBackward() {
    ResponseSink sink = origin.response;
    return sink != null && !sink.entries().isEmpty();
  }

  /**
   * Tells what the next request carries, under its wire names: the persistents, the transients, and
   * the W3C keys that came from upstream.
   */
  public void forEachForward(Names names, BiConsumer<? super String, ? super String> wire) {
    persistents.forEach(
        (key, value) -> wire.accept(names.persistent(key), names.value(key, value)));
    transients.forEach(
        (key, value) -> wire.accept(names.transientName(key), names.value(key, value)));
    if (!upstreams.isEmpty()) {
      upstreams.forEach((key, value) -> relay(names, key, value, wire));
    }
  }

  private void relay(
      Names names, String key, String value, BiConsumer<? super String, ? super String> wire) {
    if (RELAYED.contains(key) && transients.get(key) == null) {
      wire.accept(names.transientName(key), names.value(key, value));
    }
  }

  /**
   * Takes one header of a received request: a persistent value stays one, a transient value becomes
   * upstream. {@link Received} takes many.
   *
   * @return false if {@code name} is no metainfo name, and nothing was taken
   * @throws MetaInfoLimitException if the limits are passed; the request should be refused
   */
  public boolean receiveForward(Names names, String name, String value) {
    String persistent = names.stripPersistent(name);
    if (persistent != null) {
      persistents = limits.with(persistents, transients, upstreams, persistent, value);
      return true;
    }
    String upstream = names.stripTransient(name);
    if (upstream != null) {
      upstreams = limits.with(upstreams, persistents, transients, upstream, value);
      return true;
    }
    return false;
  }

  /** Tells what the response carries, under its wire names. */
  public void forEachBackward(Names names, BiConsumer<? super String, ? super String> wire) {
    forEachBackward((key, value) -> wire.accept(names.backward(key), names.value(key, value)));
  }

  /**
   * Takes one header of a received response. {@link Received} takes many.
   *
   * @return false if {@code name} is no backward metainfo name, and nothing was taken
   * @throws MetaInfoLimitException if the limits are passed
   */
  public boolean receiveBackward(Names names, String name, String value) {
    String key = names.stripBackward(name);
    if (key == null) {
      return false;
    }
    receiveRawBackward(key, value);
    return true;
  }

  /**
   * Takes a backward value that came without a prefix, as Kitex sends them over TTHeader. The
   * transport keeps the control keys out.
   *
   * @throws MetaInfoLimitException if the limits are passed
   */
  public void receiveRawBackward(String key, String value) {
    downstreams = limits.with(downstreams, Entries.EMPTY, Entries.EMPTY, key, value);
  }

  /** Takes over the downstream values of an attempt, or of a call made with a fork. */
  public void adoptDownstream(MetaInfo attempt) {
    if (attempt.downstreams != downstreams && !attempt.downstreams.isEmpty()) {
      checkWritable();
      Received received = new Received(this, Names.RPC);
      attempt.downstreams.forEach(received::rawBackward);
      received.deliver();
    }
  }

  /** Says that the response has gone out: backward values set from now on are refused. */
  public void closeBackward() {
    response().close();
  }

  private ResponseSink response() {
    ResponseSink known = origin.response;
    return known == null ? origin.newResponse() : known;
  }

  private synchronized ResponseSink newResponse() {
    ResponseSink known = response;
    if (known == null) {
      known = new ResponseSink();
      response = known;
    }
    return known;
  }

  private void checkWritable() {
    if (!isWritable()) {
      throw new IllegalStateException(
          "this MetaInfo belongs to thread "
              + requireNonNull(owner).getName()
              + ", and thread "
              + Thread.currentThread().getName()
              + " may only read it: wrap the task or the thread factory with Carrying to give it a"
              + " fork of its own");
    }
  }

  /** {@return the keys, never the values, which may be secrets} */
  @Override
  public String toString() {
    return "MetaInfo[persistent="
        + persistents.keys()
        + ", transient="
        + transients.keys()
        + ", upstream="
        + upstreams.keys()
        + ", downstream="
        + downstreams.keys()
        + "]";
  }

  /** {@return {@code task}, bound to a fork of this thread's metainfo; see {@link Carrying}} */
  static <R extends @Nullable Object> Callable<R> carried(Callable<R> task) {
    MetaInfo mine = currentOrNull();
    if (mine == null) {
      return task;
    }
    MetaInfo fork = mine.fork();
    return () -> MetaInfo.<R, Exception>call(fork, task::call);
  }
}
