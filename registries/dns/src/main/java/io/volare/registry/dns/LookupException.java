package io.volare.registry.dns;

/** What DNS said instead of an answer. */
final class LookupException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean noSuchName;

  private LookupException(String message, boolean noSuchName, Throwable cause) {
    super(message, cause);
    this.noSuchName = noSuchName;
  }

  private LookupException(String message, boolean noSuchName) {
    super(message);
    this.noSuchName = noSuchName;
  }

  /** {@return that the name does not exist, which another name server would say too} */
  static LookupException noSuchName(String message) {
    return new LookupException(message, true);
  }

  /** {@return that this name server gave no answer; another one may} */
  static LookupException noAnswer(String message) {
    return new LookupException(message, false);
  }

  static LookupException noAnswer(String message, Throwable cause) {
    return new LookupException(message, false, cause);
  }

  boolean isNoSuchName() {
    return noSuchName;
  }
}
