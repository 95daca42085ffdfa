package io.volare.motore;

import static java.util.Objects.requireNonNull;

/**
 * Where a layer belongs in a stack, with the reason.
 *
 * <p>A stack reads from the outside in: layers of the whole call, then layers that start attempts,
 * then layers of one attempt. A layer whose position does not matter stands {@link #EITHER}.
 *
 * @param position the part of the stack
 * @param reason why, as a sentence for the person who put it elsewhere
 */
public record Placement(Position position, String reason) {
  /** May stand anywhere. */
  public static final Placement EITHER =
      new Placement(Position.EITHER, "its position does not matter");

  /** Checks that nothing is missing. */
  public Placement {
    requireNonNull(position, "position");
    requireNonNull(reason, "reason");
  }

  /** {@return outside everything that starts attempts: sees one logical call} */
  public static Placement perCall(String reason) {
    return new Placement(Position.PER_CALL, reason);
  }

  /** {@return turns one call into attempts, as retries and hedges do} */
  public static Placement startsAttempts(String reason) {
    return new Placement(Position.STARTS_ATTEMPTS, reason);
  }

  /** {@return inside everything that starts attempts: sees each attempt} */
  public static Placement perAttempt(String reason) {
    return new Placement(Position.PER_ATTEMPT, reason);
  }

  /** {@return whether a layer placed here may stand outside one placed at {@code inner}} */
  boolean mayStandOutside(Placement inner) {
    return position == Position.EITHER
        || inner.position == Position.EITHER
        || position.compareTo(inner.position) <= 0;
  }

  /** The parts of a stack, outermost first. */
  public enum Position {
    /** Sees one logical call. */
    PER_CALL,
    /** Turns one call into attempts. */
    STARTS_ATTEMPTS,
    /** Sees each attempt. */
    PER_ATTEMPT,
    /** Anywhere. */
    EITHER
  }
}
