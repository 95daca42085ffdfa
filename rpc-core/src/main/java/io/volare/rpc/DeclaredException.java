package io.volare.rpc;

/**
 * Marks an exception that an IDL declares for a method: part of the method's result, not a fault of
 * the call. Layers let it pass, and callers get it as itself.
 */
public interface DeclaredException {}
