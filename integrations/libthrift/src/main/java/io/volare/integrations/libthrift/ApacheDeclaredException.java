package io.volare.integrations.libthrift;

import io.volare.rpc.DeclaredException;
import org.apache.thrift.TException;

/**
 * Holds an exception that the IDL declares, for the layers to see it as one: Apache's generated
 * exceptions cannot say so themselves. Clients and handlers never meet it; they get the cause.
 */
public final class ApacheDeclaredException extends Exception implements DeclaredException {
  private static final long serialVersionUID = 1;

  private final TException declared;

  ApacheDeclaredException(TException declared) {
    super(declared.toString(), declared, false, false);
    this.declared = declared;
  }

  /** {@return the exception as the handler threw it} */
  public TException declared() {
    return declared;
  }
}
