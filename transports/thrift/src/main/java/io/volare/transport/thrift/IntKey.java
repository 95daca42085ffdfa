package io.volare.transport.thrift;

/**
 * The numbers under which TTHeader carries what it knows by number.
 *
 * <p>Source: kitex, {@code pkg/remote/transmeta/metakey.go}.
 */
final class IntKey {
  static final int TRANSPORT_TYPE = 1;
  static final int FROM_SERVICE = 3;
  static final int TO_SERVICE = 6;
  static final int TO_METHOD = 9;

  /** Written by Volo's clients, never by Kitex's. */
  static final int DEST_ADDRESS = 11;

  /** Milliseconds in decimal. */
  static final int RPC_TIMEOUT = 12;

  /** Written by Volo's clients, never by Kitex's. */
  static final int WITH_MESH_HEADER = 16;

  static final int CONNECT_TIMEOUT = 17;

  /** Written by Kitex's clients, possibly empty. */
  static final int FROM_METHOD = 20;

  /** ASCII decimal; Volo's servers write one raw byte. */
  static final int MESSAGE_TYPE = 22;

  private IntKey() {}
}
