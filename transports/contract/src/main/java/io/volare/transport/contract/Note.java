package io.volare.transport.contract;

import static java.util.Objects.requireNonNull;

/**
 * The one message of the contract's service. Immutable; equal by value.
 *
 * @param text any string, from empty to several megabytes
 */
public record Note(String text) {
  /** Checks that there is a text. */
  public Note {
    requireNonNull(text, "text");
  }
}
