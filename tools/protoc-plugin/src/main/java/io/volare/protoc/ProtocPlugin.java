package io.volare.protoc;

import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.JavaFeaturesProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import java.io.IOException;
import java.util.Map;

/**
 * The plugin of protoc that writes Java for services; the messages come from protoc's own Java
 * generator. Reads a request from its standard input and writes the response to its output.
 *
 * <pre>protoc --java_out=DIR --plugin=protoc-gen-volare=LAUNCHER --volare_out=DIR FILE...</pre>
 */
public final class ProtocPlugin {
  /** The oldest edition that is understood. */
  static final Edition OLDEST = Edition.EDITION_PROTO2;

  /** The newest edition that is understood. */
  static final Edition NEWEST = Edition.EDITION_2024;

  private ProtocPlugin() {}

  /** Answers the one request that protoc writes. */
  public static void main(String[] arguments) throws IOException {
    CodeGeneratorRequest request = CodeGeneratorRequest.parseFrom(System.in, extensions());
    generate(request).writeTo(System.out);
    System.out.flush();
  }

  /** {@return what options of IDLs may hold besides the standard ones} */
  static ExtensionRegistry extensions() {
    // protobuf-java 4.36 fails when the features' class is initialised before this one
    DescriptorProtos.getDescriptor();
    ExtensionRegistry extensions = ExtensionRegistry.newInstance();
    JavaFeaturesProto.registerAllExtensions(extensions);
    return extensions;
  }

  /** {@return the Java of the services in the files that {@code request} wants, or the error} */
  static CodeGeneratorResponse generate(CodeGeneratorRequest request) {
    CodeGeneratorResponse.Builder response =
        CodeGeneratorResponse.newBuilder()
            .setSupportedFeatures(
                Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
            .setMinimumEdition(OLDEST.getNumber())
            .setMaximumEdition(NEWEST.getNumber());
    try {
      if (!request.getParameter().isEmpty()) {
        throw new ProtocException(
            "option \"%s\" (expected: none)".formatted(request.getParameter()));
      }
      Map<String, String> files =
          new Generator(request.getProtoFileList()).generate(request.getFileToGenerateList());
      files.forEach((name, content) -> response.addFileBuilder().setName(name).setContent(content));
    } catch (ProtocException wrong) {
      response.setError(wrong.getMessage());
    }
    return response.build();
  }
}
