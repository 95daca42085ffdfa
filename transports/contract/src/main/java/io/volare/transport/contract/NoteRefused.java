package io.volare.transport.contract;

import static java.util.Objects.requireNonNull;

import io.volare.rpc.DeclaredException;

/** The exception that the contract's methods declare. */
public final class NoteRefused extends Exception implements DeclaredException {
  private static final long serialVersionUID = 1;

  private final String reason;

  /** Creates one. */
  public NoteRefused(String reason) {
    super(requireNonNull(reason, "reason"));
    this.reason = reason;
  }

  /** {@return its one field} */
  public String reason() {
    return reason;
  }
}
