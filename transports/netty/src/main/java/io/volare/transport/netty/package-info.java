/**
 * What every network transport shares: event loops, the one dispatch of a call, and the outbox that
 * gathers what is written. Start at {@link io.volare.transport.netty.Loops}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.transport.netty;
