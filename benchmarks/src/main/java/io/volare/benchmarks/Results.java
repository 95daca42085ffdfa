package io.volare.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files that are checked in: a table, a picture, and the raw rounds. */
final class Results {
  private Results() {}

  /** Prints the conditions and the table; where a name is given, writes the three files. */
  static void publish(String name, String conditions, String table, String picture, String raw)
      throws IOException {
    System.out.println(conditions + "\n" + table);
    if (name.isEmpty()) {
      return;
    }
    Path folder = Files.createDirectories(Path.of("benchmarks", "results"));
    Files.writeString(folder.resolve(name + ".md"), conditions + "\n" + table);
    Files.writeString(folder.resolve(name + ".svg"), picture);
    Files.writeString(folder.resolve(name + ".csv"), raw);
  }
}
