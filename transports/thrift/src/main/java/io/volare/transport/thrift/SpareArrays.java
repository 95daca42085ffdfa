package io.volare.transport.thrift;

/**
 * Arrays that the calls of one event loop take turns with. Used by that loop.
 *
 * <p>How is this designed, and why? What a call brings to another thread, and what it brings back,
 * lies in an array meanwhile. The loop hands it out and gets it back with the reply, so neither
 * needs an atomic operation, and the array that comes next is the one that was used last. What
 * never comes back is garbage.
 */
final class SpareArrays {
  /** The longest that are kept. */
  static final int LONGEST = 8 * 1024;

  private static final int SHORTEST = 256;

  /** Of each length: twice as many calls as a loop hands over together, so 2 MiB in all. */
  private static final int MOST = 128;

  private static final int LENGTHS = 1 + Integer.numberOfTrailingZeros(LONGEST / SHORTEST);

  private final byte[][][] spare = new byte[LENGTHS][][];
  private final int[] count = new int[LENGTHS];

  SpareArrays() {
    for (int kind = 0; kind < LENGTHS; kind++) {
      spare[kind] = new byte[MOST][];
    }
  }

  /** {@return an array of at least so many bytes, in which anything may stand} */
  byte[] take(int bytes) {
    if (bytes > LONGEST) {
      return new byte[bytes];
    }
    int kind = kind(bytes);
    return count[kind] == 0 ? new byte[length(kind)] : spare[kind][--count[kind]];
  }

  /** Takes back what nobody reads or writes any more. */
  void giveBack(byte[] array) {
    int length = array.length;
    if (length > LONGEST || length < SHORTEST) {
      return;
    }
    int kind = kind(length);
    if (length == length(kind) && count[kind] < spare[kind].length) {
      spare[kind][count[kind]++] = array;
    }
  }

  private static int length(int kind) {
    return SHORTEST << kind;
  }

  /** {@return the place of the shortest that has so many bytes} */
  private static int kind(int bytes) {
    return bytes <= SHORTEST
        ? 0
        : Integer.SIZE - Integer.numberOfLeadingZeros((bytes - 1) / SHORTEST);
  }
}
