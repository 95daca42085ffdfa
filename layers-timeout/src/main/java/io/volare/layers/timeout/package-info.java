/**
 * Limits how long a call, or one attempt of it, may take. Start at {@link
 * io.volare.layers.timeout.TimeoutLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.timeout;
