package io.volare.registry.etcd;

/** What etcd said instead of an answer, or why none came. */
final class EtcdException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean notFound;

  private EtcdException(String message, boolean notFound) {
    super(message);
    this.notFound = notFound;
  }

  EtcdException(String message, Throwable cause) {
    super(message, cause);
    this.notFound = false;
  }

  /** {@return what etcd refused} */
  static EtcdException refused(String message, boolean notFound) {
    return new EtcdException(message, notFound);
  }

  /** {@return whether etcd does not have what was named: a lease that is over} */
  boolean isNotFound() {
    return notFound;
  }
}
