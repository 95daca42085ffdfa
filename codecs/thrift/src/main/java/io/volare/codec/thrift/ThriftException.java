package io.volare.codec.thrift;

import io.volare.rpc.DeclaredException;
import org.jspecify.annotations.Nullable;

/** The base of exceptions generated from an IDL: a declared part of a method's result. */
public abstract class ThriftException extends Exception implements DeclaredException {
  private static final long serialVersionUID = 1;

  /** Creates one; {@code message} is for people. */
  protected ThriftException(@Nullable String message) {
    super(message);
  }
}
