package io.volare.integrations.mdc;

import static java.util.Objects.requireNonNull;

import io.volare.metainfo.MetaInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What goes into the logging context, by its names there. Immutable; each {@code with} method
 * returns a copy.
 *
 * @param values each reads its value from the call's metainfo; null leaves the name alone
 */
public record MdcConfig(Map<String, Function<? super MetaInfo, @Nullable String>> values) {
  /** Nothing. */
  public static final MdcConfig EMPTY = new MdcConfig(Map.of());

  /** Copies the values. */
  public MdcConfig {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** {@return a copy with the persistent value of {@code key} under its own name} */
  public MdcConfig withPersistent(String key) {
    return with(key, metaInfo -> metaInfo.persistent(key));
  }

  /** {@return a copy with the value that the caller set for this hop, under its own name} */
  public MdcConfig withUpstream(String key) {
    return with(key, metaInfo -> metaInfo.upstream(key));
  }

  /**
   * {@return a copy with {@code trace_id} and {@code parent_span_id} of the W3C {@code traceparent}
   * that came with the call} For the span that is current here, ask the tracer: {@code
   * with("span_id", ignored -> Span.current().getSpanContext().getSpanId())}.
   */
  public MdcConfig withTrace() {
    return with("trace_id", metaInfo -> Traceparent.traceId(traceparent(metaInfo)))
        .with("parent_span_id", metaInfo -> Traceparent.spanId(traceparent(metaInfo)));
  }

  /** Inside a telemetry layer of a client the call's own value is newer than the one that came. */
  private static @Nullable String traceparent(MetaInfo metaInfo) {
    String own = metaInfo.transientValue("traceparent");
    return own == null ? metaInfo.upstream("traceparent") : own;
  }

  /** {@return a copy with one more value} */
  public MdcConfig with(String name, Function<? super MetaInfo, @Nullable String> value) {
    requireNonNull(name, "name");
    requireNonNull(value, "value");
    Map<String, Function<? super MetaInfo, @Nullable String>> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new MdcConfig(more);
  }

  @Override
  public String toString() {
    return values.keySet().toString();
  }
}
