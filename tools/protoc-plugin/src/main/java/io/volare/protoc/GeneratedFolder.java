package io.volare.protoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A folder whose Java files are all generated: it holds those of the last run and no others. */
record GeneratedFolder(Path folder) {
  /** Says that what is here may be removed. */
  private static final String MARK = ".protoc";

  /** Writes what has changed and removes what is not generated any more. */
  void write(Map<String, String> files) throws IOException {
    Files.createDirectories(folder);
    Path mark = folder.resolve(MARK);
    if (Files.exists(mark)) {
      removeAllBut(files);
    } else {
      Files.createFile(mark);
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      writeIfChanged(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private void removeAllBut(Map<String, String> files) throws IOException {
    List<Path> before;
    try (Stream<Path> inside = Files.walk(folder)) {
      before = inside.filter(file -> file.toString().endsWith(".java")).toList();
    }
    for (Path file : before) {
      if (!files.containsKey(folder.relativize(file).toString().replace('\\', '/'))) {
        Files.delete(file);
      }
    }
  }

  private static void writeIfChanged(Path file, String content) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    }
  }
}
