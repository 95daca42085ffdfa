package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Attribute;
import io.volare.motore.CallContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one call may have different from its client. Immutable; each {@code with} method returns a
 * copy.
 *
 * @param timeout how long a call may take in all; null: 5 s for unary methods, no total for streams
 * @param idempotent whether the method may be run twice; null: what the IDL says
 * @param endpoint where to send it, past any discovery; null: as the layers choose
 * @param transients metadata for the next hop only
 * @param attributes facts that the call's context starts with, for layers and transports that know
 *     them
 */
public record CallOptions(
    @Nullable Duration timeout,
    @Nullable Boolean idempotent,
    @Nullable Endpoint endpoint,
    Map<String, String> transients,
    Map<Attribute<?>, Object> attributes) {
  /** What holds when nothing is said. */
  public static final CallOptions DEFAULT = new CallOptions(null, null, null, Map.of(), Map.of());

  /** The limit of a unary call that says nothing. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** Checks the timeout and copies the maps. */
  public CallOptions {
    if (timeout != null && !timeout.isPositive()) {
      throw new IllegalArgumentException("timeout: " + timeout + " (expected: > 0)");
    }
    transients = Map.copyOf(transients);
    attributes = Map.copyOf(attributes);
  }

  /** {@return a copy with this limit for the whole call} */
  public CallOptions withTimeout(Duration timeout) {
    requireNonNull(timeout, "timeout");
    return new CallOptions(timeout, idempotent, endpoint, transients, attributes);
  }

  /** {@return a copy that says whether the method may be run twice} */
  public CallOptions withIdempotent(boolean idempotent) {
    return new CallOptions(timeout, idempotent, endpoint, transients, attributes);
  }

  /** {@return a copy that goes to this endpoint} */
  public CallOptions withEndpoint(Endpoint endpoint) {
    requireNonNull(endpoint, "endpoint");
    return new CallOptions(timeout, idempotent, endpoint, transients, attributes);
  }

  /** {@return a copy with one more entry of transient metadata} */
  public CallOptions withTransient(String key, String value) {
    Map<String, String> more = new HashMap<>(transients);
    more.put(key, value);
    return new CallOptions(timeout, idempotent, endpoint, more, attributes);
  }

  /**
   * {@return a copy that puts this into the context of every call} The value may be used by several
   * calls at a time.
   *
   * @throws IllegalArgumentException if each attempt of a call would start without it
   */
  public <T> CallOptions withAttribute(Attribute<T> attribute, T value) {
    if (!attribute.isPerCall()) {
      throw new IllegalArgumentException(
          "attribute: " + attribute + " (expected: one that all attempts of a call share)");
    }
    Map<Attribute<?>, Object> more = new HashMap<>(attributes);
    more.put(attribute, requireNonNull(value, "value"));
    return new CallOptions(timeout, idempotent, endpoint, transients, more);
  }

  /** Puts the attributes into a new call's context. */
  @SuppressWarnings("unchecked") // withAttribute() pairs only what belongs together
  void start(CallContext context) {
    if (!attributes.isEmpty()) {
      attributes.forEach((attribute, value) -> context.set((Attribute<Object>) attribute, value));
    }
  }
}
