package io.volare.protoc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.Feature;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse.File;
import org.junit.jupiter.api.Test;

class ProtocPluginTest {
  private static FileDescriptorProto.Builder file(String name) {
    return FileDescriptorProto.newBuilder()
        .setName(name)
        .setSyntax("proto3")
        .setPackage("pkg")
        .addMessageType(DescriptorProto.newBuilder().setName("Note"));
  }

  private static ServiceDescriptorProto service(String name, String type) {
    return ServiceDescriptorProto.newBuilder()
        .setName(name)
        .addMethod(
            MethodDescriptorProto.newBuilder()
                .setName("Echo")
                .setInputType(type)
                .setOutputType(type))
        .build();
  }

  private static CodeGeneratorResponse generate(FileDescriptorProto.Builder... files) {
    CodeGeneratorRequest.Builder request = CodeGeneratorRequest.newBuilder();
    for (FileDescriptorProto.Builder file : files) {
      request.addProtoFile(file);
    }
    return ProtocPlugin.generate(
        request.addFileToGenerate(files[files.length - 1].getName()).build());
  }

  private static String content(CodeGeneratorResponse response, String name) {
    return response.getFileList().stream()
        .filter(file -> file.getName().equals(name))
        .map(File::getContent)
        .findAny()
        .orElseThrow();
  }

  @Test
  void saysWhatItUnderstands() {
    CodeGeneratorResponse response = generate(file("notes.proto"));

    assertThat(response.getSupportedFeatures())
        .isEqualTo(Feature.FEATURE_PROTO3_OPTIONAL_VALUE | Feature.FEATURE_SUPPORTS_EDITIONS_VALUE);
    assertThat(response.getMinimumEdition()).isEqualTo(Edition.EDITION_PROTO2_VALUE);
    assertThat(response.getMaximumEdition()).isEqualTo(Edition.EDITION_2024_VALUE);
    assertThat(response.hasError()).isFalse();
    assertThat(response.getFileList()).isEmpty();
  }

  @Test
  void writesFourFilesForAService() {
    CodeGeneratorResponse response =
        generate(file("a/some_notes.proto").addService(service("Notes", ".pkg.Note")));

    assertThat(response.getFileList())
        .extracting(File::getName)
        .containsExactly(
            "pkg/Notes.java",
            "pkg/NotesClient.java",
            "pkg/NotesServer.java",
            "pkg/NotesMethods.java");
    assertThat(content(response, "pkg/Notes.java"))
        .contains("import pkg.SomeNotes.Note;", "Note echo(Note request) throws");
  }

  @Test
  void onlyTheFilesThatAreWantedAreGenerated() {
    CodeGeneratorResponse response =
        generate(
            file("notes.proto").addService(service("Notes", ".pkg.Note")),
            FileDescriptorProto.newBuilder()
                .setName("more.proto")
                .setPackage("pkg")
                .addService(service("More", ".pkg.Note")));

    assertThat(response.getFileList()).extracting(File::getName).contains("pkg/More.java");
    assertThat(response.getFileList()).hasSize(4);
  }

  @Test
  void aServiceNamedAsItsFileGivesWayAsProtocDoes() {
    CodeGeneratorResponse response =
        generate(file("notes.proto").addService(service("Notes", ".pkg.Note")));

    assertThat(content(response, "pkg/Notes.java")).contains("import pkg.NotesOuterClass.Note;");
  }

  @Test
  void aServiceAndAClassThatDifferInCaseOnlyAreKeptApart() {
    FileDescriptorProto.Builder file =
        file("x.proto")
            .addMessageType(DescriptorProto.newBuilder().setName("NOTESserver"))
            .setOptions(FileOptions.newBuilder().setJavaMultipleFiles(true))
            .addService(service("Notes", ".pkg.Note"));

    assertThat(generate(file).getFileList())
        .extracting(File::getName)
        .contains("pkg/Notes_.java", "pkg/Notes_Server.java");
  }

  @Test
  void aFileWithoutAPackageGoesIntoTheUnnamedOne() {
    CodeGeneratorResponse response =
        generate(file("x.proto").clearPackage().addService(service("Notes", ".Note")));

    assertThat(content(response, "Notes.java"))
        .doesNotContain("package ")
        .contains("X.Note echo(X.Note request)");
  }

  @Test
  void refusesWhatCannotBeWritten() {
    CodeGeneratorResponse unknown =
        generate(file("x.proto").addService(service("Notes", ".pkg.Other")));
    CodeGeneratorResponse unnamed =
        generate(
            file("y.proto").clearPackage(),
            file("x.proto").clearMessageType().addService(service("Notes", ".Note")));
    CodeGeneratorResponse tooNew =
        generate(file("x.proto").setEdition(Edition.EDITION_99998_TEST_ONLY));

    assertThat(unknown.getError())
        .isEqualTo(
            "x.proto: .pkg.Other of the service Notes is in none of the files (expected: in an"
                + " imported one)");
    assertThat(unnamed.getError())
        .isEqualTo(
            "x.proto: .Note of the service Notes has no Java package (expected: option"
                + " java_package in its file)");
    assertThat(tooNew.getError())
        .isEqualTo("x.proto: EDITION_99998_TEST_ONLY (expected: at most EDITION_2024)");
  }
}
