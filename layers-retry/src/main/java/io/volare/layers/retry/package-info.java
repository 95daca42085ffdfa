/**
 * Tries again what may be tried again, within a budget. Start at {@link
 * io.volare.layers.retry.RetryLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.retry;
