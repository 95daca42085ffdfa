package io.volare.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;

/** Servers two by two, in the same rounds: how much more one takes than each named before it. */
final class Pairs {
  private final List<String> names;
  private final List<Samples> micros;

  private Pairs(List<String> names, List<Samples> micros) {
    this.names = names;
    this.micros = micros;
  }

  static Pairs of(List<Contender> contenders) {
    return of(
        contenders.stream().map(each -> each.variant.name()).toList(),
        contenders.stream().map(each -> each.seen().micros()).toList());
  }

  /**
   * Pairs them.
   *
   * @param micros of each name, of as many rounds each
   */
  static Pairs of(List<String> names, List<Samples> micros) {
    return new Pairs(names, micros);
  }

  /** {@return two tables: differences in microseconds, then ratios} */
  String tables() {
    return "\nCPU of a call, µs more than of those before it, in the same rounds:\n\n"
        + table((mine, theirs) -> mine.minus(theirs), Samples::signedSpread)
        + "\nThe same as a ratio to them:\n\n"
        + table((mine, theirs) -> mine.over(theirs), Samples::spread);
  }

  private interface Cell {
    String of(Samples paired);
  }

  private String table(BinaryOperator<Samples> pair, Cell cell) {
    int last = names.size() - 1;
    StringBuilder out = new StringBuilder("| |");
    names.subList(0, last).forEach(name -> out.append(' ').append(name).append(" |"));
    out.append("\n|---|").append("---|".repeat(last)).append('\n');
    for (int row = 1; row <= last; row++) {
      out.append(String.format(Locale.ROOT, "| %s |", names.get(row)));
      for (int column = 0; column < last; column++) {
        out.append(' ');
        if (column < row) {
          out.append(cell.of(pair.apply(micros.get(row), micros.get(column)))).append(' ');
        }
        out.append('|');
      }
      out.append('\n');
    }
    return out.toString();
  }
}
