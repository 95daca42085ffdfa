/**
 * Metainfo and OpenTelemetry's context, for code without the telemetry layer. Start at {@link
 * io.volare.integrations.opentelemetry.MetaInfoPropagation}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.integrations.opentelemetry;
