package io.volare.pilota.maven;

import com.google.protobuf.RuntimeVersion;
import io.volare.protoc.Protoc;
import io.volare.protoc.ProtocException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/**
 * Generates Java from the Protobuf files of a project: messages by protoc, services by Volare.
 * Writes only what has changed. IDLs in the project's dependencies can be imported.
 */
@Mojo(
    name = "generate-protobuf",
    defaultPhase = LifecyclePhase.GENERATE_SOURCES,
    requiresDependencyResolution = ResolutionScope.COMPILE,
    threadSafe = true)
public final class GenerateProtobufMojo extends AbstractMojo {
  private static final String GROUP = "com.google.protobuf";

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  @Parameter(defaultValue = "${repositorySystemSession}", readonly = true, required = true)
  private RepositorySystemSession session;

  @Parameter(defaultValue = "${project.remotePluginRepositories}", readonly = true)
  private List<RemoteRepository> repositories = List.of();

  @Inject private RepositorySystem repositorySystem;

  /** The folder with the Protobuf files, searched with its subfolders. */
  @Parameter(property = "protobuf.sourceDirectory", defaultValue = "${basedir}/src/main/proto")
  private File sourceDirectory;

  /** Where the Java goes; nothing else should live there. */
  @Parameter(
      property = "protobuf.outputDirectory",
      defaultValue = "${project.build.directory}/generated-sources/protobuf")
  private File outputDirectory;

  /** Where imported files are looked for, besides the source folder and the dependencies. */
  @Parameter private List<File> includeDirectories = List.of();

  /** Where the IDLs of the dependencies are unpacked. */
  @Parameter(
      defaultValue = "${project.build.directory}/protobuf-imports",
      readonly = true,
      required = true)
  private File importDirectory;

  /** The version of protoc; without it, that of the project's protobuf-java. */
  @Parameter(property = "protobuf.protocVersion")
  private String protocVersion;

  /** A protoc to run instead of the one in the repository. */
  @Parameter(property = "protobuf.protoc")
  private File protoc;

  /** Whether the Java is compiled with the tests. */
  @Parameter(defaultValue = "false")
  private boolean tests;

  /** Created by Maven. */
  public GenerateProtobufMojo() {}

  @Override
  public void execute() throws MojoExecutionException, MojoFailureException {
    if (!sourceDirectory.isDirectory()) {
      getLog().info("no folder " + sourceDirectory + ": nothing to generate");
      return;
    }
    try {
      Protoc compiler = new Protoc(outputDirectory.toPath(), includePath(), executable());
      int files = compiler.compile(List.of(sourceDirectory.toPath()));
      compiler.warnings().forEach(warning -> getLog().warn(warning));
      getLog().info(files + " Java files from " + sourceDirectory);
    } catch (ProtocException wrong) {
      throw new MojoFailureException(wrong.getMessage(), wrong);
    } catch (IOException failed) {
      throw new MojoExecutionException(
          sourceDirectory + ": not generated: " + failed.getMessage(), failed);
    }
    if (tests) {
      project.addTestCompileSourceRoot(outputDirectory.getPath());
    } else {
      project.addCompileSourceRoot(outputDirectory.getPath());
    }
  }

  private List<Path> includePath() throws IOException {
    List<Path> path = new ArrayList<>(includeDirectories.stream().map(File::toPath).toList());
    ImportedIdls imports = new ImportedIdls(importDirectory.toPath());
    for (Artifact artifact : project.getArtifacts()) {
      if (artifact.getFile() != null) {
        imports.of(artifact.getFile().toPath()).ifPresent(path::add);
      }
    }
    return path;
  }

  /** {@return the protoc to try first, or null where only one of the machine's own can help} */
  private Path executable() {
    if (protoc != null) {
      return protoc.toPath();
    }
    String classifier =
        ProtocClassifier.of(System.getProperty("os.name"), System.getProperty("os.arch"));
    if (classifier == null) {
      getLog().info("no protoc for this machine in a repository: trying the one on the PATH");
      return null;
    }
    var artifact =
        new org.eclipse.aether.artifact.DefaultArtifact(
            GROUP, "protoc", classifier, "exe", version());
    try {
      ArtifactRequest request = new ArtifactRequest(artifact, repositories, null);
      return repositorySystem.resolveArtifact(session, request).getArtifact().getFile().toPath();
    } catch (ArtifactResolutionException missing) {
      getLog().warn(missing.getMessage() + ": trying the protoc on the PATH");
      return null;
    }
  }

  /** {@return a version whose messages the project's own protobuf-java takes} */
  private String version() {
    if (protocVersion != null) {
      return protocVersion;
    }
    for (Artifact artifact : project.getArtifacts()) {
      if (artifact.getGroupId().equals(GROUP)
          && artifact.getArtifactId().startsWith("protobuf-java")) {
        return artifact.getVersion();
      }
    }
    return RuntimeVersion.OSS_MAJOR
        + "."
        + RuntimeVersion.OSS_MINOR
        + "."
        + RuntimeVersion.OSS_PATCH;
  }
}
