package io.volare.layers.discovery;

import io.volare.metainfo.MetaInfo;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;

/** A method to call. */
record TestMethod(String service, String name, Kind kind, boolean idempotent)
    implements MethodDescriptor {
  static RpcContext call() {
    return callTo("inventory");
  }

  static RpcContext callTo(String callee) {
    return RpcContext.client(
        new TestMethod("Inventory", "GetItem", Kind.UNARY, true),
        "orders",
        callee,
        MetaInfo.create());
  }
}
