/**
 * A span for every call, and one trace over all hops. Start at {@link
 * io.volare.layers.telemetry.TelemetryLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.telemetry;
