package io.volare.integrations.opentelemetry;

import static java.util.Objects.requireNonNull;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.volare.metainfo.MetaInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes OpenTelemetry's context over a hop as metainfo, and metainfo over a thread in
 * OpenTelemetry's context.
 *
 * <p>In use, around a call and in a handler:
 *
 * {@snippet class=io.volare.integrations.opentelemetry.OpenTelemetrySnippetsTest region=use}
 *
 * <p>The W3C headers travel as the transient values {@code traceparent}, {@code tracestate} and
 * {@code baggage}, where the telemetry layer, Kitex and Volo have them too. Only closed scopes:
 * what is made current here is current for one action. Immutable and thread-safe.
 */
public final class MetaInfoPropagation {
  private static final ContextKey<MetaInfo> CARRIED = ContextKey.named("volare-metainfo");

  private final TextMapPropagator propagator;
  private final Set<String> baggageKeys;

  private MetaInfoPropagation(TextMapPropagator propagator, Set<String> baggageKeys) {
    this.propagator = propagator;
    this.baggageKeys = baggageKeys;
  }

  /** {@return one that uses the propagators of {@code openTelemetry}} */
  public static MetaInfoPropagation of(OpenTelemetry openTelemetry) {
    return of(openTelemetry.getPropagators().getTextMapPropagator());
  }

  /** {@return one that uses {@code propagator}} */
  public static MetaInfoPropagation of(TextMapPropagator propagator) {
    return new MetaInfoPropagation(requireNonNull(propagator, "propagator"), Set.of());
  }

  /**
   * {@return a copy that keeps these keys the same as persistent metainfo and as baggage} {@link
   * #send} puts the persistent values into the baggage that it sends; {@link #receive} makes what
   * came as baggage persistent, where metainfo of that key did not come by itself.
   */
  public MetaInfoPropagation withBaggage(String... keys) {
    return new MetaInfoPropagation(propagator, Set.of(keys));
  }

  /** Writes {@code context} into the transient values of {@code metaInfo}, for the next hop. */
  public void inject(Context context, MetaInfo metaInfo) {
    propagator.inject(
        withPersistents(context, metaInfo),
        metaInfo,
        (carrier, key, value) -> {
          if (carrier != null) {
            carrier.setTransient(key, value);
          }
        });
  }

  /** {@return {@code parent} with what the caller of this hop sent} */
  public Context extract(Context parent, MetaInfo received) {
    return propagator.extract(parent, received, Upstream.INSTANCE);
  }

  /**
   * {@return what {@code call} returns} The calls made in it take {@link Context#current()} along.
   * Their metainfo is a fork of the bound one; downstream values come back to that.
   */
  public <R extends @Nullable Object, X extends Throwable> R send(
      ScopedValue.CallableOp<? extends R, X> call) throws X {
    MetaInfo mine = MetaInfo.currentOrNull();
    MetaInfo fork = mine == null ? MetaInfo.create() : mine.fork();
    inject(Context.current(), fork);
    try {
      return MetaInfo.<R, X>call(fork, call);
    } finally {
      if (mine != null && mine.isWritable()) {
        mine.adoptDownstream(fork);
      }
    }
  }

  /**
   * {@return what {@code handler} returns, run in the context that the caller of this hop sent}
   *
   * @throws IllegalStateException if no metainfo is bound, as outside a handler
   */
  public <R extends @Nullable Object, X extends Throwable> R receive(
      ScopedValue.CallableOp<? extends R, X> handler) throws X {
    MetaInfo received = MetaInfo.current();
    Context context = extract(Context.root(), received);
    keepBaggage(context, received);
    try (Scope current = context.makeCurrent()) {
      return handler.call();
    }
  }

  /**
   * {@return {@code context} with a fork of what is bound on this thread} Where OpenTelemetry
   * carries its context to another thread, {@link #bound} finds it there.
   */
  public static Context carry(Context context) {
    MetaInfo mine = MetaInfo.currentOrNull();
    return mine == null ? context : context.with(CARRIED, mine.fork());
  }

  /**
   * {@return what {@code action} returns, run with a fork of the metainfo in the current context
   * bound; as it is, if there is none}
   */
  public static <R extends @Nullable Object, X extends Throwable> R bound(
      ScopedValue.CallableOp<? extends R, X> action) throws X {
    MetaInfo carried = Context.current().get(CARRIED);
    return carried == null ? action.call() : MetaInfo.<R, X>call(carried.fork(), action);
  }

  private Context withPersistents(Context context, MetaInfo metaInfo) {
    if (baggageKeys.isEmpty()) {
      return context;
    }
    BaggageBuilder baggage = Baggage.fromContext(context).toBuilder();
    for (String key : baggageKeys) {
      String value = metaInfo.persistent(key);
      if (value != null) {
        baggage.put(key, value);
      }
    }
    return context.with(baggage.build());
  }

  private void keepBaggage(Context context, MetaInfo received) {
    Baggage baggage = Baggage.fromContext(context);
    for (String key : baggageKeys) {
      String value = baggage.getEntryValue(key);
      if (value != null && received.persistent(key) == null) {
        received.setPersistent(key, value);
      }
    }
  }

  @Override
  public String toString() {
    return "MetaInfoPropagation" + propagator.fields() + " baggage " + baggageKeys;
  }

  /** What came from upstream, as propagators read it. */
  @SuppressWarnings("deprecation") // keys() must be there, whatever may follow it
  private enum Upstream implements TextMapGetter<MetaInfo> {
    INSTANCE;

    @Override
    public Iterable<String> keys(MetaInfo carrier) {
      List<String> keys = new ArrayList<>();
      carrier.forEachUpstream((key, value) -> keys.add(key));
      return keys;
    }

    @Override
    public @Nullable String get(@Nullable MetaInfo carrier, String key) {
      return carrier == null ? null : carrier.upstream(key);
    }
  }
}
