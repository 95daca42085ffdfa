/**
 * Tries again what may be tried again, and sends what is slow once more, within a budget.
 *
 * <p>Start at {@link io.volare.layers.retry.RetryLayer} and {@link
 * io.volare.layers.retry.HedgeLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.retry;
