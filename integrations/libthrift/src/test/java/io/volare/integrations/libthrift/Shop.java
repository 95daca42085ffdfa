package io.volare.integrations.libthrift;

/** An inventory in plain words, so that code of either compiler can stand before or behind it. */
public interface Shop {
  /** Throws {@link NoSuchItem} where the IDL declares an exception. */
  int count(String item) throws Exception;

  /** {@return "as expected", or what came instead} */
  default String restock(String item, int pieces, boolean urgent) throws Exception {
    throw new UnsupportedOperationException();
  }

  /** {@return the picture so many times} */
  default byte[] label(byte[] picture, int copies) throws Exception {
    throw new UnsupportedOperationException();
  }

  /** A method without arguments and value. */
  default void empty() throws Exception {
    throw new UnsupportedOperationException();
  }

  /** A oneway method. */
  default void note(String text) {
    throw new UnsupportedOperationException();
  }
}
