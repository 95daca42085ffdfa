package io.volare.pilota.maven;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The Protobuf files inside dependencies, as folders that protoc can import from. */
record ImportedIdls(Path folder) {
  /**
   * {@return the folder with the IDLs of a dependency, if it has any}
   *
   * @param dependency a jar, which is unpacked, or a folder of classes
   */
  Optional<Path> of(Path dependency) throws IOException {
    if (Files.isDirectory(dependency)) {
      return Optional.of(dependency);
    }
    if (!dependency.toString().endsWith(".jar")) {
      return Optional.empty();
    }
    try (ZipFile jar = new ZipFile(dependency.toFile())) {
      List<? extends ZipEntry> idls =
          Collections.list(jar.entries()).stream()
              .filter(entry -> entry.getName().endsWith(".proto"))
              .toList();
      Path unpacked = folder.resolve(dependency.getFileName().toString());
      for (ZipEntry idl : idls) {
        unpack(jar, idl, unpacked);
      }
      return idls.isEmpty() ? Optional.empty() : Optional.of(unpacked);
    }
  }

  private static void unpack(ZipFile jar, ZipEntry idl, Path unpacked) throws IOException {
    Path file = unpacked.resolve(idl.getName()).normalize();
    if (!file.startsWith(unpacked)) {
      throw new IOException(
          jar.getName() + ": entry " + idl.getName() + " (expected: a path inside the jar)");
    }
    Files.createDirectories(file.getParent());
    try (InputStream content = jar.getInputStream(idl)) {
      Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
