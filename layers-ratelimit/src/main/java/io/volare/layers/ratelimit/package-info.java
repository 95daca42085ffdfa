/**
 * Limits how many calls start in a time, and how many run at a time. Start at {@link
 * io.volare.layers.ratelimit.RateLimitLayer} and {@link
 * io.volare.layers.ratelimit.ConcurrencyLimitLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.ratelimit;
