package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.MetaKey;
import io.volare.motore.BaseContext;
import io.volare.motore.CallContext;
import org.jspecify.annotations.Nullable;

/**
 * The facts about one remote call, at the client or at the server. Owned by the thread that runs
 * the call.
 *
 * <p>Over attempts: method, caller, callee, role and an endpoint that the call was given stay; an
 * endpoint that was chosen, the wire statistics and the metainfo are new with each attempt, and
 * {@link #adopt} brings the winner's home.
 */
public final class RpcContext extends BaseContext {
  /** The context rides in the metainfo, so that one scoped binding serves both. */
  private static final MetaKey<RpcContext> SERVING = MetaKey.named("the call being answered");

  private final Role role;
  private final MethodDescriptor method;
  private final String caller;
  private final String callee;
  private final boolean idempotent;
  private MetaInfo metaInfo;
  private @Nullable WireStats wire; // made when first asked for: a server writes none
  private @Nullable Endpoint given;
  private @Nullable Endpoint endpoint;
  private boolean oneOfSeveral;
  private @Nullable RpcContext winner;

  private RpcContext(
      Role role,
      MethodDescriptor method,
      String caller,
      String callee,
      boolean idempotent,
      MetaInfo metaInfo) {
    this.role = role;
    this.method = requireNonNull(method, "method");
    this.caller = requireNonNull(caller, "caller");
    this.callee = requireNonNull(callee, "callee");
    this.idempotent = idempotent;
    this.metaInfo = requireNonNull(metaInfo, "metaInfo");
  }

  private RpcContext(RpcContext origin, int attempt) {
    super(origin, attempt);
    role = origin.role;
    method = origin.method;
    caller = origin.caller;
    callee = origin.callee;
    idempotent = origin.idempotent;
    metaInfo = origin.metaInfo.fork();
    given = origin.given;
    endpoint = given;
  }

  /** {@return the context of a call that this process makes} */
  public static RpcContext client(
      MethodDescriptor method, String caller, String callee, MetaInfo metaInfo) {
    return client(method, caller, callee, method.idempotent(), metaInfo);
  }

  static RpcContext client(
      MethodDescriptor method,
      String caller,
      String callee,
      boolean idempotent,
      MetaInfo metaInfo) {
    return new RpcContext(Role.CLIENT, method, caller, callee, idempotent, metaInfo);
  }

  /**
   * {@return the context of a call that this process answers; {@code peer} is where it came from}
   */
  public static RpcContext server(
      MethodDescriptor method, String caller, String callee, MetaInfo metaInfo, Endpoint peer) {
    RpcContext context =
        new RpcContext(Role.SERVER, method, caller, callee, method.idempotent(), metaInfo);
    context.give(peer);
    return context;
  }

  /**
   * {@return the call that this thread is answering}
   *
   * @throws IllegalStateException if it is answering none
   */
  public static RpcContext current() {
    RpcContext serving = currentOrNull();
    if (serving == null) {
      throw new IllegalStateException(
          "no call is being answered on thread "
              + Thread.currentThread().getName()
              + ": RpcContext.current() works in a handler, and in threads that inherit or carry its metainfo");
    }
    return serving;
  }

  /** {@return the call that this thread is answering, or null} */
  public static @Nullable RpcContext currentOrNull() {
    MetaInfo bound = MetaInfo.currentOrNull();
    return bound == null ? null : servedWith(bound);
  }

  /** {@return the call that is answered with {@code bound} in force, or null} */
  static @Nullable RpcContext servedWith(MetaInfo bound) {
    return bound.get(SERVING);
  }

  /** Runs the answer to this call, with {@link #current()} and {@link MetaInfo#current()} bound. */
  public <R extends @Nullable Object, X extends Throwable> R serve(
      ScopedValue.CallableOp<? extends R, X> answer) throws X {
    metaInfo.put(SERVING, this);
    return MetaInfo.call(metaInfo, answer);
  }

  /** {@return whether this process makes or answers the call} */
  public Role role() {
    return role;
  }

  /** {@return what is called} */
  public MethodDescriptor method() {
    return method;
  }

  /** {@return the name of the service that calls; empty if it did not say} */
  public String caller() {
    return caller;
  }

  /** {@return the name of the service that is called, as a registry knows it} */
  public String callee() {
    return callee;
  }

  /**
   * {@return the other side: at a client the endpoint chosen for this attempt, null until one is;
   * at a server where the call came from}
   */
  public @Nullable Endpoint endpoint() {
    return endpoint;
  }

  /** Sets the endpoint of every attempt. */
  void give(Endpoint endpoint) {
    given = endpoint;
    this.endpoint = endpoint;
  }

  /** Chooses the endpoint of this attempt. */
  public void endpoint(Endpoint endpoint) {
    endpoint(endpoint, false);
  }

  /**
   * Chooses the endpoint of this attempt.
   *
   * @param oneOfSeveral whether the call may come back unsent and go to another one
   */
  public void endpoint(Endpoint endpoint, boolean oneOfSeveral) {
    this.endpoint = requireNonNull(endpoint, "endpoint");
    this.oneOfSeveral = oneOfSeveral;
  }

  /**
   * {@return whether whoever chose the endpoint has others} Then a transport does not connect once
   * more to one that is shutting down: the call comes back as {@code UNAVAILABLE}, not executed.
   */
  public boolean isOneOfSeveral() {
    return oneOfSeveral;
  }

  /** {@return the metadata that travels with this call} */
  public MetaInfo metaInfo() {
    return metaInfo;
  }

  /** {@return what this attempt cost on the wire} */
  public WireStats wire() {
    WireStats known = wire;
    if (known == null) {
      known = new WireStats();
      wire = known;
    }
    return known;
  }

  @Override
  public boolean idempotent() {
    return idempotent;
  }

  @Override
  public boolean outlivesReturn() {
    return role == Role.CLIENT && method.kind().isStream();
  }

  @Override
  public String target() {
    return endpoint == null || role == Role.SERVER
        ? method.fullName()
        : method.fullName() + " at " + endpoint;
  }

  @Override
  public RpcContext fork(int attempt) {
    return new RpcContext(this, attempt);
  }

  @Override
  public void adopt(CallContext winner) {
    super.adopt(winner);
    RpcContext attempt = (RpcContext) winner;
    this.winner = attempt == this ? null : attempt;
    endpoint = attempt.endpoint;
    wire = attempt.wire(); // the same object: what is written late counts too
    metaInfo.adoptDownstream(attempt.metaInfo);
  }

  /** Takes over what the attempt that counted has heard since: a stream's end tells more. */
  void adoptLate() {
    RpcContext attempt = winner;
    if (attempt != null) {
      attempt.adoptLate();
      metaInfo.adoptDownstream(attempt.metaInfo);
    }
  }

  @Override
  public String toString() {
    return role + " " + target() + " attempt " + attempt();
  }

  /** The two sides of a call. */
  public enum Role {
    /** Makes the call. */
    CLIENT,
    /** Answers it. */
    SERVER
  }
}
