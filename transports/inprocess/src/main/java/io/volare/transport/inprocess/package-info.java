/**
 * Client and server in one process: the same contexts, layers, metainfo and deadlines as over a
 * network, without the bytes. Start at {@link io.volare.transport.inprocess.InProcessServer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.transport.inprocess;
