package io.volare.integrations.libthrift;

/** What becomes of the IDL's declared exception in a {@link Shop}. */
public final class NoSuchItem extends Exception {
  private static final long serialVersionUID = 1;

  /** Creates one. */
  public NoSuchItem(String item) {
    super(item);
  }
}
