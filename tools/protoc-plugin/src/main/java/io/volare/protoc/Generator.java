package io.volare.protoc;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import io.volare.protoc.JavaFile.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes the Java of all services of a run. */
final class Generator {
  /** What is generated for a service besides its interface. */
  private static final List<String> PARTS = List.of("", "Client", "Server", "Methods");

  private final List<JavaFile> files = new ArrayList<>();
  private final Map<String, Message> messages = new HashMap<>();
  private final Map<String, Set<String>> classes = new HashMap<>();
  private final Map<ServiceKey, String> names = new HashMap<>();

  /**
   * Learns what there is.
   *
   * @param all the files to generate from and all that they import
   * @throws ProtocException if an edition is not known
   */
  Generator(List<FileDescriptorProto> all) throws ProtocException {
    for (FileDescriptorProto proto : all) {
      checkEdition(proto);
      JavaFile file = new JavaFile(proto);
      files.add(file);
      file.addMessages(messages);
      classes.computeIfAbsent(file.javaPackage(), each -> new HashSet<>()).addAll(file.classes());
    }
    for (JavaFile file : files) {
      nameServices(file);
    }
  }

  private static void checkEdition(FileDescriptorProto proto) throws ProtocException {
    if (proto.getEdition().getNumber() > ProtocPlugin.NEWEST.getNumber()) {
      throw new ProtocException(
          "%s: %s (expected: at most %s)"
              .formatted(proto.getName(), proto.getEdition(), ProtocPlugin.NEWEST));
    }
    if (proto.getEdition() == Edition.EDITION_UNKNOWN && proto.getSyntax().equals("editions")) {
      throw new ProtocException(proto.getName() + ": an edition that this generator does not know");
    }
  }

  /**
   * Gives each service a name whose classes no other class of the package has, whatever its case.
   */
  private void nameServices(JavaFile file) {
    Set<String> exact = classes.getOrDefault(file.javaPackage(), Set.of());
    Set<String> taken = new HashSet<>();
    exact.forEach(each -> taken.add(each.toLowerCase(Locale.ROOT)));
    for (ServiceDescriptorProto service : file.proto().getServiceList()) {
      String name = service.getName();
      while (isTaken(name, taken)) {
        name += "_";
      }
      names.put(new ServiceKey(file.proto().getName(), service.getName()), name);
      for (String part : PARTS) {
        exact.add(name + part);
        taken.add((name + part).toLowerCase(Locale.ROOT));
      }
    }
  }

  private static boolean isTaken(String name, Set<String> taken) {
    return PARTS.stream().anyMatch(part -> taken.contains((name + part).toLowerCase(Locale.ROOT)));
  }

  /**
   * {@return the Java files, by their paths}
   *
   * @param wanted the names of the files whose services are generated
   * @throws ProtocException if a service cannot be written in Java
   */
  Map<String, String> generate(Collection<String> wanted) throws ProtocException {
    Map<String, String> generated = new LinkedHashMap<>();
    for (JavaFile file : files) {
      if (!wanted.contains(file.proto().getName())) {
        continue;
      }
      for (int i = 0; i < file.proto().getServiceCount(); i++) {
        writer(file, i).write(generated);
      }
    }
    return generated;
  }

  private ServiceWriter writer(JavaFile file, int index) throws ProtocException {
    String service = file.proto().getService(index).getName();
    return new ServiceWriter(
        file,
        index,
        names.get(new ServiceKey(file.proto().getName(), service)),
        classes.get(file.javaPackage()),
        messages);
  }

  private record ServiceKey(String file, String service) {}
}
