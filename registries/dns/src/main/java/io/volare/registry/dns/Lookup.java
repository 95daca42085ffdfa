package io.volare.registry.dns;

import static java.util.Objects.requireNonNull;

import io.netty.util.NetUtil;
import io.volare.registry.dns.Question.Found;
import io.volare.registry.dns.Question.Kind;
import io.volare.registry.dns.Question.Service;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns one name into endpoints, again and again. Belongs to one thread; the questions of a lookup
 * run beside each other, on virtual threads that end with it.
 *
 * <p>What a question was answered last is kept for as long as it is asked: one failed question of
 * many (AAAA beside A, one SRV target of ten) takes nothing away.
 */
final class Lookup {
  private static final int MOST_ENDPOINTS = 1_000;

  private final DnsName name;
  private final DnsConfig config;
  private final Resolver resolver;
  private final Map<Question<?>, Found<?>> lastGood = new ConcurrentHashMap<>();
  private final Set<Question<?>> asked = ConcurrentHashMap.newKeySet();

  Lookup(DnsName name, DnsConfig config, Resolver resolver) {
    this.name = name;
    this.config = config;
    this.resolver = resolver;
  }

  /** {@return what DNS says now} */
  Answer answer() throws InterruptedException {
    asked.clear();
    Answer answer =
        switch (name) {
          case DnsName.Hosts(String host, int port) -> hosts(host, port);
          case DnsName.Srv(String service) -> services(service);
        };
    if (answer.problem() == null) {
      lastGood.keySet().retainAll(asked);
    }
    return answer;
  }

  private Answer hosts(String host, int port) throws InterruptedException {
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      return new Answer(List.of(new Ranked(0, Endpoint.tcp(host, port))), Long.MAX_VALUE, null);
    }
    Part<String> addresses = search(host, this::addresses);
    List<Ranked> endpoints = new ArrayList<>();
    for (String address : addresses.values()) {
      Map<String, String> tags = Map.of(DnsDiscovery.HOST, relative(host));
      endpoints.add(new Ranked(0, Endpoint.tcp(address, port).withTags(tags)));
    }
    return new Answer(distinct(endpoints), addresses.ttlSeconds(), addresses.problem());
  }

  private Answer services(String service) throws InterruptedException {
    Part<Service> services = search(service, whole -> ask(new Question<>(whole, Question.SRV)));
    if (services.problem() != null) {
      return new Answer(List.of(), Long.MAX_VALUE, services.problem()); // spares the targets
    }
    List<Service> offered =
        services.values().stream()
            .filter(one -> !one.isNone())
            .sorted(Comparator.comparingInt(Service::priority))
            .limit(MOST_ENDPOINTS)
            .toList();
    Map<String, Part<String>> targets = targets(offered);
    Set<Integer> weighted =
        offered.stream()
            .filter(one -> one.weight() > 0)
            .map(Service::priority)
            .collect(Collectors.toSet());
    List<Ranked> endpoints = new ArrayList<>();
    for (Service one : offered) {
      Part<String> target = requireNonNull(targets.get(one.target()));
      int weight = weighted.contains(one.priority()) ? one.weight() : Endpoint.DEFAULT_WEIGHT;
      for (String address : target.values()) {
        endpoints.add(ranked(one, address, Math.max(1, weight / target.values().size())));
      }
    }
    Part<String> all = merged(new ArrayList<>(targets.values()));
    return new Answer(
        distinct(endpoints), Math.min(services.ttlSeconds(), all.ttlSeconds()), all.problem());
  }

  private Map<String, Part<String>> targets(List<Service> services) throws InterruptedException {
    List<String> names = services.stream().map(Service::target).distinct().toList();
    List<Part<String>> parts =
        together(names.stream().<Callable<Part<String>>>map(one -> () -> addresses(one)).toList());
    Map<String, Part<String>> targets = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      targets.put(names.get(i), parts.get(i));
    }
    return targets;
  }

  /** {@return one address of a target; {@code weight} is its share of the target's} */
  private static Ranked ranked(Service service, String address, int weight) {
    Endpoint endpoint =
        Endpoint.tcp(address, service.port())
            .withTags(
                Map.of(
                    DnsDiscovery.HOST,
                    relative(service.target()),
                    DnsDiscovery.PRIORITY,
                    Integer.toString(service.priority())));
    return new Ranked(service.priority(), endpoint.withWeight(weight));
  }

  private static List<Ranked> distinct(List<Ranked> endpoints) {
    Map<Address, Ranked> distinct = new LinkedHashMap<>();
    for (Ranked one : endpoints) {
      if (distinct.size() < MOST_ENDPOINTS) {
        distinct.putIfAbsent(one.endpoint().address(), one);
      }
    }
    return List.copyOf(distinct.values());
  }

  /** {@return the first part that has something, or whose failure forbids to look further} */
  private <T> Part<T> search(String relative, Ask<T> ask) throws InterruptedException {
    Part<T> nothing = null;
    for (String whole : candidates(relative)) {
      Part<T> part = ask.ask(whole);
      boolean noSuchName = part.problem() != null && part.problem().isNoSuchName();
      if (!part.values().isEmpty() || part.problem() != null && !noSuchName) {
        return part;
      }
      if (nothing == null || !noSuchName) {
        nothing = part;
      }
    }
    return requireNonNull(nothing); // there is always one candidate
  }

  private List<String> candidates(String name) {
    if (name.endsWith(".")) {
      return List.of(name);
    }
    List<String> candidates = new ArrayList<>();
    config.searchDomains().forEach(domain -> candidates.add(name + "." + domain));
    candidates.add(name.contains(".") ? 0 : candidates.size(), name);
    return candidates;
  }

  private Part<String> addresses(String host) throws InterruptedException {
    List<Callable<Part<String>>> questions = new ArrayList<>();
    for (Kind<String> kind : kinds()) {
      questions.add(() -> ask(new Question<>(host, kind)));
    }
    return merged(together(questions));
  }

  private List<Kind<String>> kinds() {
    return switch (config.family()) {
      case BOTH -> List.of(Question.A, Question.AAAA);
      case IPV4 -> List.of(Question.A);
      case IPV6 -> List.of(Question.AAAA);
    };
  }

  private <T> Part<T> ask(Question<T> question) throws InterruptedException {
    asked.add(question);
    try {
      Found<T> found = resolver.find(question);
      lastGood.put(question, found);
      return new Part<>(found.values(), found.ttlSeconds(), null);
    } catch (LookupException problem) {
      @SuppressWarnings("unchecked") // put there for a question that is equal, so of this type
      Found<T> known = (Found<T>) lastGood.get(question);
      return new Part<>(known == null ? List.of() : known.values(), Long.MAX_VALUE, problem);
    }
  }

  private static <T> List<T> together(List<Callable<T>> tasks) throws InterruptedException {
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> done : threads.invokeAll(tasks)) {
        results.add(done.get());
      }
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof InterruptedException closed) {
        throw closed;
      }
      throw new IllegalStateException("a lookup failed in an unforeseen way", failed.getCause());
    }
    return results;
  }

  /**
   * {@return all parts as one} Some name servers say that a name does not exist when it only has no
   * record of that type; another part that found one knows better.
   */
  private static <T> Part<T> merged(List<Part<T>> parts) {
    boolean exists = parts.stream().anyMatch(part -> part.problem() == null);
    List<T> values = new ArrayList<>();
    long ttlSeconds = Long.MAX_VALUE;
    LookupException problem = null;
    for (Part<T> part : parts) {
      values.addAll(part.values());
      ttlSeconds = Math.min(ttlSeconds, part.ttlSeconds());
      if (part.problem() == null || part.problem().isNoSuchName() && exists) {
        continue;
      }
      if (problem == null || problem.isNoSuchName()) {
        problem = part.problem();
      }
    }
    return new Part<>(values, ttlSeconds, problem);
  }

  private static String relative(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** Asks for one whole name. */
  @FunctionalInterface
  private interface Ask<T> {
    Part<T> ask(String whole) throws InterruptedException;
  }

  /**
   * What one or more questions brought.
   *
   * @param values fresh ones, or what was known before
   * @param ttlSeconds of the fresh ones
   * @param problem why not all are fresh
   */
  private record Part<T>(List<T> values, long ttlSeconds, @Nullable LookupException problem) {}

  /**
   * What a lookup brought.
   *
   * @param endpoints all of them, each address once, in the order of their priority
   * @param ttlSeconds how long what is fresh among them holds
   * @param problem why not all are fresh; with no endpoint at all, nothing was learned
   */
  record Answer(List<Ranked> endpoints, long ttlSeconds, @Nullable LookupException problem) {
    boolean saysNothing() {
      return endpoints.isEmpty() && problem != null;
    }
  }
}
