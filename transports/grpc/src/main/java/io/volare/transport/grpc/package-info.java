/** gRPC over HTTP/2, both ends. */
@org.jspecify.annotations.NullMarked
package io.volare.transport.grpc;
