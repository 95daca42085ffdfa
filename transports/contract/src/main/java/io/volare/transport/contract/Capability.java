package io.volare.transport.contract;

/**
 * What some transports can do and others cannot. The contract tests what is claimed, and that what
 * is not claimed fails or is absent in the agreed way.
 */
public enum Capability {
  /** Metainfo, the caller's name and backward values travel. */
  METAINFO,
  /** The deadline travels, so that the server stops what is late. */
  DEADLINE,
  /** A cancelled call is cancelled at the server too. */
  CANCELLATION,
  /** Business errors keep their status and extras. */
  BUSINESS_ERRORS,
  /** Methods may stream. */
  STREAMS
}
