package io.volare.rpc;

/** Methods for tests. */
record Methods(String service, String name, Kind kind, boolean idempotent)
    implements MethodDescriptor {
  static Methods unary(String name) {
    return new Methods("Inventory", name, Kind.UNARY, false);
  }

  static Methods stream(String name) {
    return new Methods("Inventory", name, Kind.BIDI_STREAM, false);
  }
}
