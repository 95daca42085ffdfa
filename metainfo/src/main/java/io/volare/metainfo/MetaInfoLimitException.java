package io.volare.metainfo;

/**
 * Metadata that is larger than its limit, or that its wire form cannot carry. Thrown before
 * anything is changed or sent. The message names the key, never the value.
 */
public final class MetaInfoLimitException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  MetaInfoLimitException(String message) {
    super(message);
  }
}
