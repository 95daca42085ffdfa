/**
 * Programs that measure what a call costs. Start at {@link io.volare.benchmarks.Benchmarks}, or
 * rather at {@code benchmarks/run}.
 */
@NullMarked
package io.volare.benchmarks;

import org.jspecify.annotations.NullMarked;
