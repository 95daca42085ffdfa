package io.volare.layers.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.MetaKey;
import io.volare.motore.Failure;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.rpc.DeclaredException;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span for every call, at the client or at the server, and passes the trace on.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.telemetry.TelemetrySnippetsTest region=use}
 *
 * <p>The trace travels as metainfo: {@code traceparent}, {@code tracestate} and {@code baggage} as
 * transient values, where the OpenTelemetry instrumentation of Kitex has them too. A client's span
 * continues the one that is current on its thread, else the one whose call it is a part of:
 * metainfo that was carried to another thread carries the trace with it. A span of a stream ends
 * with the stream.
 *
 * @param <Q> the request
 * @param <R> the response
 */
public final class TelemetryLayer<Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<RpcContext, Q, R> {
  private static final String SCOPE_NAME = "io.volare.rpc";
  private static final MetaKey<Context> TRACE = MetaKey.named("OpenTelemetry context");
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> PEER = AttributeKey.stringKey("server.address");
  private static final AttributeKey<String> CALLER = AttributeKey.stringKey("volare.caller");
  private static final AttributeKey<String> KIND = AttributeKey.stringKey("error.type");
  private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("volare.attempt");

  private final Tracer tracer;
  private final TextMapPropagator propagator;

  private TelemetryLayer(TelemetryConfig config) {
    tracer = config.openTelemetry().getTracer(SCOPE_NAME);
    propagator = config.openTelemetry().getPropagators().getTextMapPropagator();
  }

  /** {@return the layer that {@code config} describes, for clients and servers alike} */
  public static <Q extends @Nullable Object, R extends @Nullable Object> TelemetryLayer<Q, R> of(
      TelemetryConfig config) {
    return new TelemetryLayer<>(config);
  }

  @Override
  public Service<RpcContext, Q, R> wrap(Service<RpcContext, Q, R> inner) {
    return (context, request) -> {
      boolean client = context.role() == RpcContext.Role.CLIENT;
      Context parent = client ? current(context) : received(context);
      Span span = start(context, parent, client);
      Context within = parent.with(span);
      context.metaInfo().put(TRACE, within);
      if (client) {
        propagator.inject(within, context.metaInfo(), MetaInfoSetter.INSTANCE);
      }
      Throwable failure = null;
      try (Scope current = within.makeCurrent()) {
        return inner.call(context, request);
      } catch (Throwable thrown) {
        failure = thrown;
        throw thrown;
      } finally {
        finish(context, span, failure);
      }
    };
  }

  private static Context current(RpcContext context) {
    Context here = Context.current();
    if (Span.fromContextOrNull(here) != null) {
      return here;
    }
    Context carried = context.metaInfo().get(TRACE);
    return carried == null ? here : carried;
  }

  private Context received(RpcContext context) {
    return propagator.extract(Context.root(), context.metaInfo(), MetaInfoGetter.INSTANCE);
  }

  private Span start(RpcContext context, Context parent, boolean client) {
    return tracer
        .spanBuilder(context.method().fullName())
        .setParent(parent)
        .setSpanKind(client ? SpanKind.CLIENT : SpanKind.SERVER)
        .setAttribute(SYSTEM, "volare")
        .setAttribute(SERVICE, context.method().service())
        .setAttribute(METHOD, context.method().name())
        .startSpan();
  }

  private static void finish(RpcContext context, Span span, @Nullable Throwable failure) {
    if (failure == null && context.outlivesReturn()) {
      context.onEnd(ended -> end(context, span, ended));
    } else {
      end(context, span, failure);
    }
  }

  private static void end(RpcContext context, Span span, @Nullable Throwable failure) {
    span.setAttribute(ATTEMPT, context.attempt());
    Endpoint endpoint = context.endpoint();
    if (context.role() == RpcContext.Role.SERVER) {
      span.setAttribute(CALLER, context.caller());
    } else if (endpoint != null) {
      span.setAttribute(PEER, endpoint.toString());
    }
    if (failure != null) {
      recordFailure(span, failure);
    }
    span.end();
  }

  private static void recordFailure(Span span, Throwable failure) {
    if (failure instanceof DeclaredException) {
      span.setAttribute(KIND, failure.getClass().getSimpleName());
      return;
    }
    String message = failure.getMessage();
    span.setAttribute(KIND, Failure.kindOf(failure).name());
    span.setStatus(StatusCode.ERROR, message == null ? "" : message);
  }

  @Override
  public Placement placement() {
    return Placement.EITHER;
  }

  @Override
  public String toString() {
    return "Telemetry";
  }

  /** Writes W3C headers as transient metainfo. */
  private enum MetaInfoSetter implements TextMapSetter<MetaInfo> {
    INSTANCE;

    @Override
    public void set(@Nullable MetaInfo carrier, String key, String value) {
      if (carrier != null) {
        carrier.setTransient(key, value);
      }
    }
  }

  /** Reads W3C headers from what came from upstream. */
  @SuppressWarnings("deprecation") // keys() must be there, whatever may follow it
  private enum MetaInfoGetter implements TextMapGetter<MetaInfo> {
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
