/** A trace over three hops. Start at {@link io.volare.examples.trace.Trace}. */
@org.jspecify.annotations.NullMarked
package io.volare.examples.trace;
