package io.volare.rpc;

import java.util.Map;
import java.util.TreeMap;

/**
 * An error that the application answers with: a status of its own, a message for the caller, and a
 * few named strings. It crosses the wire as it is ({@code biz-status}, {@code biz-message}, {@code
 * biz-extra} of Kitex and Volo) and says nothing about the health of the server.
 */
public final class BusinessException extends RpcException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final TreeMap<String, String> extra;

  /**
   * Creates an error without extras.
   *
   * @throws IllegalArgumentException if {@code status} is 0, which means success on the wire
   */
  public BusinessException(int status, String message) {
    this(status, message, Map.of());
  }

  /**
   * Creates an error.
   *
   * @throws IllegalArgumentException if {@code status} is 0, which means success on the wire
   */
  public BusinessException(int status, String message, Map<String, String> extra) {
    super(Kind.APPLICATION, true, message, null, null);
    if (status == 0) {
      throw new IllegalArgumentException("status: 0 (expected: not 0, which means success)");
    }
    this.status = status;
    this.extra = new TreeMap<>(extra);
  }

  /** {@return the application's own code; never 0} */
  public int status() {
    return status;
  }

  /** {@return what else the application says; a copy} */
  public Map<String, String> extra() {
    return Map.copyOf(extra);
  }
}
