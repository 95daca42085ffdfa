/**
 * Thrift over TCP and Unix domain sockets: TTHeader, framed and bare, as Kitex, Volo and Apache
 * Thrift speak them. Start at {@link io.volare.transport.thrift.ThriftServer} and {@link
 * io.volare.transport.thrift.ThriftServer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.transport.thrift;
