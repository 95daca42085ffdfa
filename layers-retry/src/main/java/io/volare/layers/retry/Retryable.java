package io.volare.layers.retry;

import io.volare.motore.CallContext;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;

/** Which failures may be tried again. */
@FunctionalInterface
public interface Retryable {
  /**
   * What certainly never ran and might run elsewhere or later; and, where the method is idempotent,
   * what may have run but failed for a passing reason.
   */
  Retryable SAFE =
      (context, failure) -> {
        Kind kind = Failure.kindOf(failure);
        boolean passing = kind == Kind.UNAVAILABLE || kind == Kind.RESOURCE_EXHAUSTED;
        if (!Failure.mayHaveExecuted(failure)) {
          return passing || kind == Kind.DEADLINE_EXCEEDED;
        }
        return context.idempotent() && (passing || kind == Kind.DEADLINE_EXCEEDED);
      };

  /** {@return whether {@code failure} of an attempt may be tried again} */
  boolean test(CallContext context, Exception failure);
}
