/**
 * Thrift's Binary protocol, straight to and from Netty buffers. Start at {@link
 * io.volare.codec.thrift.ThriftCodec}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.codec.thrift;
