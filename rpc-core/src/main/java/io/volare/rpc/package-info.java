/**
 * What every RPC framework on the core shares: the context of a call, methods and endpoints,
 * failures, streams, life cycle. Start at {@link io.volare.rpc.RpcClient} and {@link
 * io.volare.rpc.ServiceBinding}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.rpc;
