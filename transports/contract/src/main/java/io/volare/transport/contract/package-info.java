/**
 * The tests that every transport must pass. Start at {@link
 * io.volare.transport.contract.TransportContract}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.transport.contract;
