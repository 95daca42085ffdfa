/**
 * Protobuf messages, as protobuf-java makes them, from and to Netty buffers. Start at {@link
 * io.volare.codec.protobuf.ProtobufMethod}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.codec.protobuf;
