package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The edge where calls start: it makes the context, sets the deadline, takes the caller's metainfo
 * along, and sends the request through the layers to the transport. Generated clients stand on it.
 * Immutable and thread-safe.
 *
 * <p>The deadline of a call made inside a handler is never later than the handler's own. Backward
 * metainfo ends up as downstream values in {@link MetaInfo#current()} where one is bound.
 */
public final class RpcClient {
  private final String caller;
  private final String callee;
  private final ServiceBuilder<RpcContext, Object, @Nullable Object> layers;
  private final Service<RpcContext, Object, @Nullable Object> service;
  private final CallOptions options;
  private final Time time;

  private RpcClient(
      String caller,
      String callee,
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      Service<RpcContext, Object, @Nullable Object> service,
      CallOptions options,
      Time time) {
    this.caller = caller;
    this.callee = callee;
    this.layers = layers;
    this.service = service;
    this.options = options;
    this.time = time;
  }

  /** Starts a client for the service that a registry knows as {@code callee}. */
  public static Builder builder(String callee) {
    return new Builder(callee);
  }

  /** {@return this client with other options for the calls made through it} */
  public RpcClient with(CallOptions options) {
    return new RpcClient(caller, callee, layers, service, requireNonNull(options, "options"), time);
  }

  /** {@return the options of the calls made through it} */
  public CallOptions options() {
    return options;
  }

  /** {@return the name of the service it calls, as a registry knows it} */
  public String callee() {
    return callee;
  }

  /**
   * Makes one call.
   *
   * @param request the method's arguments; {@link Duplex#NO_REQUEST} where the client streams
   * @return the value, null for void; for a method that streams, a {@link Duplex}
   * @throws InterruptedException if the call was cancelled
   * @throws Exception a declared exception as itself; an {@link RpcException}; or what a layer
   *     threw
   */
  public @Nullable Object call(MethodDescriptor method, Object request) throws Exception {
    MetaInfo callers = MetaInfo.currentOrNull();
    RpcContext context = context(method, callers);
    try {
      Object response = service.call(context, request);
      if (!method.kind().isStream()) {
        context.end(null);
      } else if (callers != null) {
        context.onEnd(ended -> bringHome(context, callers));
      }
      return response;
    } catch (Throwable failure) {
      context.end(failure);
      throw failure;
    } finally {
      if (callers != null && callers.isWritable()) {
        callers.adoptDownstream(context.metaInfo());
      }
    }
  }

  /** What came with the messages and the end of a stream goes to the caller, on its own thread. */
  private static void bringHome(RpcContext context, MetaInfo callers) {
    if (callers.isWritable()) {
      context.adoptLate();
      callers.adoptDownstream(context.metaInfo());
    }
  }

  private RpcContext context(MethodDescriptor method, @Nullable MetaInfo callers) {
    MetaInfo metaInfo = callers == null ? MetaInfo.create() : callers.fork();
    if (!options.transients().isEmpty()) {
      options.transients().forEach(metaInfo::setTransient);
    }
    Boolean idempotent = options.idempotent();
    RpcContext context =
        RpcContext.client(
            method,
            caller,
            callee,
            idempotent == null ? method.idempotent() : idempotent,
            metaInfo);
    context.deadline(deadline(method, callers));
    options.start(context);
    Endpoint given = options.endpoint();
    if (given != null) {
      context.give(given);
    }
    return context;
  }

  private Deadline deadline(MethodDescriptor method, @Nullable MetaInfo callers) {
    Duration timeout = options.timeout();
    if (timeout == null && !method.kind().isStream()) {
      timeout = CallOptions.DEFAULT_TIMEOUT;
    }
    Deadline own = timeout == null ? Deadline.NONE : Deadline.after(timeout, time);
    RpcContext serving = callers == null ? null : RpcContext.servedWith(callers);
    return serving == null ? own : own.earlier(serving.deadline());
  }

  /** {@return {@code caller > layers > callee}} */
  @Override
  public String toString() {
    return caller + " > " + layers + " > " + callee;
  }

  /** Collects what a client needs. */
  public static final class Builder {
    private final String callee;
    private String caller = "";
    private ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
    private CallOptions options = CallOptions.DEFAULT;
    private Time time = Time.SYSTEM;

    private Builder(String callee) {
      this.callee = requireNonNull(callee, "callee");
    }

    /**
     * Names the service that calls, for the server to see.
     *
     * @return this builder
     */
    public Builder caller(String caller) {
      this.caller = requireNonNull(caller, "caller");
      return this;
    }

    /**
     * Adds a layer inside those added before.
     *
     * @return this builder
     */
    public Builder layer(Layer<RpcContext, Object, @Nullable Object> layer) {
      layers = layers.layer(layer);
      return this;
    }

    /**
     * Takes a stack composed elsewhere, in place of the layers added so far.
     *
     * @return this builder
     */
    public Builder layers(ServiceBuilder<RpcContext, Object, @Nullable Object> layers) {
      this.layers = requireNonNull(layers, "layers");
      return this;
    }

    /**
     * Sets the options of every call that does not bring its own.
     *
     * @return this builder
     */
    public Builder options(CallOptions options) {
      this.options = requireNonNull(options, "options");
      return this;
    }

    /**
     * Sets the clock of the deadlines.
     *
     * @return this builder
     */
    public Builder time(Time time) {
      this.time = requireNonNull(time, "time");
      return this;
    }

    /**
     * {@return the client, with the layers around {@code transport}}
     *
     * @throws IllegalStateException if two layers stand in an order that their placements exclude
     */
    public RpcClient transport(Service<RpcContext, Object, @Nullable Object> transport) {
      return new RpcClient(caller, callee, layers, layers.service(transport), options, time);
    }
  }
}
