package io.volare.pilota.maven;

import java.util.Locale;

/** What Maven Central calls a machine's protoc. */
final class ProtocClassifier {
  private ProtocClassifier() {}

  /** {@return the classifier, or null where there is no such protoc} */
  static String of(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    String arch = osArch.toLowerCase(Locale.ROOT);
    if (os.startsWith("linux")) {
      return switch (arch) {
        case "amd64", "x86_64" -> "linux-x86_64";
        case "aarch64" -> "linux-aarch_64";
        case "ppc64le" -> "linux-ppcle_64";
        case "s390x" -> "linux-s390_64";
        case "i386", "x86" -> "linux-x86_32";
        default -> null;
      };
    }
    if (os.startsWith("mac")) {
      return arch.equals("aarch64") ? "osx-aarch_64" : "osx-x86_64";
    }
    if (os.startsWith("windows")) {
      return arch.equals("x86") ? "windows-x86_32" : "windows-x86_64";
    }
    return null;
  }
}
