package io.volare.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Servers side by side: all are started on one processor, the load runs on another and goes round
 * them, each round in another order. Not thread-safe.
 */
final class Lineup implements AutoCloseable {
  /** The last is for loop-affine virtual threads. */
  static final String SERVER_FLAGS =
      "-Xms256m -Xmx512m --enable-native-access=ALL-UNNAMED"
          + " --add-opens=java.base/java.lang=ALL-UNNAMED";

  private static final int MOST_KEPT_CONNECTIONS = 1_000;

  private final List<Contender> contenders = new ArrayList<>();
  private final double warmup;
  private final int rounds;
  private final double seconds;
  private final String flags;
  private Options options;

  private Lineup(Options options) {
    this.options = options;
    warmup = options.seconds("warmup", 4);
    rounds = options.number("rounds", 7);
    seconds = options.seconds("seconds", 1.5);
    flags = options.text("server-jvm", SERVER_FLAGS);
  }

  /**
   * Starts servers and warms them up.
   *
   * @param variants their names, unless the options name others
   */
  static Lineup start(Options options, String variants) throws Exception {
    Lineup lineup = new Lineup(options);
    try {
      for (String name : options.text("variants", variants).split(",")) {
        lineup.add(name);
      }
      options.requireAllKnown();
      return lineup;
    } catch (Exception failed) {
      lineup.close();
      throw failed;
    }
  }

  private void add(String name) throws Exception {
    Variant variant = Variant.of(name).withLayers(options.number("layers", 0));
    Contender added =
        Contender.start(
            variant, options.text("server-cpu", "0"), Arrays.asList(flags.split(" ")), options);
    contenders.add(added);
    warm(added, warmup);
  }

  private void warm(Contender contender, double howLong) throws Exception {
    contender.load(howLong);
    restIfMany(contender);
    stayAwake();
  }

  /** A process has a limit of open files: many connections are open to one server at a time. */
  private void restIfMany(Contender contender) throws Exception {
    if (options.number("connections", 4) > MOST_KEPT_CONNECTIONS) {
      contender.rest();
    }
  }

  List<Contender> contenders() {
    return contenders;
  }

  /** Gives each server another load, and forgets what was seen. */
  void reload(Options other) throws Exception {
    options = other;
    for (Contender contender : contenders) {
      contender.reload(other);
    }
    for (Contender contender : contenders) {
      warm(contender, warmup / 2);
    }
  }

  void measure() throws Exception {
    for (int round = 0; round < rounds; round++) {
      List<Contender> order = new ArrayList<>(contenders);
      Collections.rotate(order, round);
      if (round % 2 == 1) {
        Collections.reverse(order);
      }
      for (Contender contender : order) {
        contender.measure(seconds);
        restIfMany(contender);
        stayAwake();
      }
    }
  }

  private void stayAwake() throws Exception {
    for (Contender contender : contenders) {
      contender.stayAwake();
    }
  }

  /**
   * {@return the bare echo of the same frames or at least of the same kind, or the first of all}
   */
  Contender reference(Contender of) {
    List<Contender> bare =
        contenders.stream()
            .filter(other -> other.variant.command().getFirst().startsWith("bare-"))
            .toList();
    return bare.stream()
        .filter(other -> other.variant.protocol() == of.variant.protocol())
        .findFirst()
        .or(() ->
            bare.stream()
                .filter(other -> other.variant.isGrpc() == of.variant.isGrpc())
                .findFirst())
        .orElse(contenders.getFirst());
  }

  /** {@return under what the figures were taken, in two lines} */
  String conditions(String load) throws IOException {
    return "%s; %s.\n%s, server flags `%s`.\n"
        .formatted(load, MedianBounds.of(rounds).inWords(), Machine.describe(), flags);
  }

  @Override
  public void close() throws Exception {
    for (Contender contender : contenders) {
      contender.close();
    }
  }
}
