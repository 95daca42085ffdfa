package io.volare.motore;

import org.jspecify.annotations.Nullable;

/**
 * The facts about one call, as every layer reads them.
 *
 * <p>A context belongs to the thread that runs the call and is not thread-safe; an attempt that
 * runs elsewhere gets its own by {@link #fork}. It holds facts, never configuration and never a way
 * back to the client. What survives an attempt and what is new with each is said fact by fact:
 *
 * <table>
 * <caption>Facts and attempts</caption>
 * <tr><th>fact</th><th>over the attempts of a call</th></tr>
 * <tr><td>target, idempotence, end hooks</td><td>the same</td></tr>
 * <tr><td>per-call attributes</td><td>shared, every attempt sees every write</td></tr>
 * <tr><td>deadline</td><td>inherited by a fork, then its own</td></tr>
 * <tr><td>attempt number, per-attempt attributes</td><td>new; {@link #adopt} brings the winner's home
 * </td></tr>
 * </table>
 *
 * <p>For plain functions, without any RPC, use {@link #standalone}.
 */
public interface CallContext {
  /** {@return what is being called, for messages: {@code Inventory/GetItem at 10.0.0.7:9000}} */
  String target();

  /** {@return when the answer stops being of use} */
  Deadline deadline();

  /**
   * Replaces the deadline. A layer that tightens it restores the earlier one when its inner call
   * has returned.
   */
  void deadline(Deadline deadline);

  /** {@return the number of this attempt, 1 for the first} */
  int attempt();

  /** {@return whether running the request twice does what running it once does} */
  boolean idempotent();

  /**
   * {@return whether the call goes on after its service has returned, because a stream was handed
   * out} What is held for the call is then given back by {@link #onEnd}, not on return.
   */
  default boolean outlivesReturn() {
    return false;
  }

  /** {@return the attribute's value, or null if it was not set} */
  <T> @Nullable T get(Attribute<T> attribute);

  /** Sets an attribute, or removes it with null. */
  <T> void set(Attribute<T> attribute, @Nullable T value);

  /**
   * {@return a context for one more attempt, of the same class as this one} Use {@link
   * #forkOf(CallContext, int)}, which keeps the type.
   */
  CallContext fork(int attempt);

  /**
   * {@return a context for the first attempt, of the same class as this one} A fork, unless the
   * attempt can run with this context itself and still leave nothing behind that a later fork of it
   * sees. Use {@link #firstAttemptOf}, which keeps the type.
   */
  default CallContext firstAttempt() {
    return fork(1);
  }

  /** Takes over what the winning attempt learnt: its per-attempt facts become this call's. */
  void adopt(CallContext winner);

  /**
   * Runs {@code hook} once, when the whole call has ended, its stream included. Hooks run in
   * reverse order of registration on the thread that ends the call, must be fast, and must not
   * throw: one that does stops no other and changes no outcome, and its exception goes to the
   * thread's uncaught exception handler. A hook added after the end runs at once.
   */
  void onEnd(EndHook hook);

  /** {@return {@code context} forked for one more attempt, as its own type} */
  @SuppressWarnings("unchecked") // fork() answers its own class, by contract
  static <C extends CallContext> C forkOf(C context, int attempt) {
    return (C) context.fork(attempt);
  }

  /** {@return {@code context} or a fork of it, for the first attempt, as its own type} */
  @SuppressWarnings("unchecked") // firstAttempt() answers its own class, by contract
  static <C extends CallContext> C firstAttemptOf(C context) {
    return (C) context.firstAttempt();
  }

  /** {@return a context for a plain function; {@code target} names it in messages} */
  static StandaloneContext standalone(String target) {
    return new StandaloneContext(target);
  }

  /** Told when a call has ended. */
  @FunctionalInterface
  interface EndHook {
    /** The call has ended; {@code failure} is null if it succeeded. */
    void ended(@Nullable Throwable failure);
  }
}
