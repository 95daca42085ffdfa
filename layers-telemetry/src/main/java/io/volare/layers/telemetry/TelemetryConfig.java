package io.volare.layers.telemetry;

import static java.util.Objects.requireNonNull;

import io.opentelemetry.api.OpenTelemetry;

/**
 * Where spans go and how traces travel. Immutable.
 *
 * @param openTelemetry makes the spans; its propagators read and write the W3C headers
 */
public record TelemetryConfig(OpenTelemetry openTelemetry) {
  /** Checks that it is there. */
  public TelemetryConfig {
    requireNonNull(openTelemetry, "openTelemetry");
  }

  /** {@return spans by {@code openTelemetry}} */
  public static TelemetryConfig of(OpenTelemetry openTelemetry) {
    return new TelemetryConfig(openTelemetry);
  }
}
