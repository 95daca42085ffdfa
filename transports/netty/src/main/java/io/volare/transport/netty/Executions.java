package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.ServiceBinding;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * On which thread a server answers, for each of its methods: one for all, others for some services
 * and some methods. Immutable.
 */
public final class Executions {
  private final Execution usual;
  private final Map<String, Execution> others;

  private Executions(Execution usual, Map<String, Execution> others) {
    this.usual = usual;
    this.others = others;
  }

  /** {@return the same for all methods} */
  public static Executions all(Execution execution) {
    return new Executions(requireNonNull(execution, "execution"), Map.of());
  }

  /** {@return a copy that has {@code execution} where nothing else is said} */
  public Executions withUsual(Execution execution) {
    return new Executions(requireNonNull(execution, "execution"), others);
  }

  /**
   * {@return a copy that has {@code execution} for what {@code target} names}
   *
   * @param target a service's name, or {@code service/method}; the method's counts more
   */
  public Executions with(String target, Execution execution) {
    requireNonNull(execution, "execution");
    Map<String, Execution> more = new HashMap<>(others);
    more.put(requireNonNull(target, "target"), execution);
    return new Executions(usual, Map.copyOf(more));
  }

  /** {@return where {@code method} is answered} */
  public Execution of(MethodDescriptor method) {
    Execution own = others.get(method.fullName());
    return own != null ? own : others.getOrDefault(method.service(), usual);
  }

  /** {@return whether something was said for {@code method} alone, not for its service or all} */
  public boolean isNamed(MethodDescriptor method) {
    return others.containsKey(method.fullName());
  }

  /**
   * Checks that every name is one of {@code services} or of their methods.
   *
   * @throws IllegalStateException if one is not
   */
  public void checkKnown(Collection<ServiceBinding> services) {
    TreeSet<String> unknown = new TreeSet<>(others.keySet());
    TreeSet<String> known = new TreeSet<>();
    for (ServiceBinding service : services) {
      known.add(service.service());
      service.methods().values().forEach(method -> known.add(method.fullName()));
    }
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new IllegalStateException(
          "execution of " + unknown + " is set, which is not offered (expected: of " + known + ")");
    }
  }

  @Override
  public String toString() {
    return others.isEmpty() ? usual.toString() : usual + ", " + others;
  }
}
