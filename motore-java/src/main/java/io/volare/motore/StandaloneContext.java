package io.volare.motore;

import static java.util.Objects.requireNonNull;

/**
 * The context of a plain function: layers work around any code with it, no RPC needed.
 *
 * <p>Not idempotent unless {@link #idempotent(boolean)} says so.
 */
public final class StandaloneContext extends BaseContext {
  private final String target;
  private boolean idempotent;

  StandaloneContext(String target) {
    this.target = requireNonNull(target, "target");
  }

  private StandaloneContext(StandaloneContext origin, int attempt) {
    super(origin, attempt);
    target = origin.target;
    idempotent = origin.idempotent;
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public boolean idempotent() {
    return idempotent;
  }

  /**
   * Says whether running the function twice does what running it once does.
   *
   * @return this context
   */
  public StandaloneContext idempotent(boolean idempotent) {
    this.idempotent = idempotent;
    return this;
  }

  @Override
  public StandaloneContext fork(int attempt) {
    return new StandaloneContext(this, attempt);
  }

  /** {@return itself: a fork takes nothing along that an attempt writes} */
  @Override
  public StandaloneContext firstAttempt() {
    return isFresh() ? this : fork(1);
  }

  @Override
  public String toString() {
    return target + " attempt " + attempt();
  }
}
