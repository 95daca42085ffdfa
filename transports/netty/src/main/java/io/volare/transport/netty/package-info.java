/**
 * What every network transport shares: event loops, ports, the one dispatch of a call, and the
 * outbox that gathers what is written. Start at {@link io.volare.transport.netty.ServerPort}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.transport.netty;
