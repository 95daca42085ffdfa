package io.volare.codec.thrift;

/**
 * What a reader accepts. Sizes need no limit of their own: nothing is allocated that the bytes
 * present could not fill. Immutable.
 *
 * @param nesting structs and collections inside each other
 * @param nameBytes a method's name
 */
public record ThriftLimits(int nesting, int nameBytes) {
  /** 64 levels, names of 256 B. */
  public static final ThriftLimits DEFAULT = new ThriftLimits(64, 256);

  /** Checks that both leave room for something. */
  public ThriftLimits {
    if (nesting < 1) {
      throw new IllegalArgumentException("nesting: " + nesting + " (expected: >= 1)");
    }
    if (nameBytes < 1) {
      throw new IllegalArgumentException("nameBytes: " + nameBytes + " (expected: >= 1)");
    }
  }
}
