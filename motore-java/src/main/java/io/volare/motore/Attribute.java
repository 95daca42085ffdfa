package io.volare.motore;

import static java.util.Objects.requireNonNull;

/**
 * A typed key for a fact that layers leave in a call's context for each other. Compared by
 * identity: declare it once as a constant.
 *
 * @param <T> the type of the value
 */
public final class Attribute<T> {
  private final String name;
  private final boolean perCall;

  private Attribute(String name, boolean perCall) {
    this.name = requireNonNull(name, "name");
    this.perCall = perCall;
  }

  /** {@return a key whose value is shared by all attempts of a call} */
  public static <T> Attribute<T> perCall(String name) {
    return new Attribute<>(name, true);
  }

  /** {@return a key whose value each attempt starts without} */
  public static <T> Attribute<T> perAttempt(String name) {
    return new Attribute<>(name, false);
  }

  /** {@return whether all attempts of a call share the value} */
  public boolean isPerCall() {
    return perCall;
  }

  @Override
  public String toString() {
    return name;
  }
}
