package io.volare.pilota.maven;

import io.volare.pilota.IdlException;
import io.volare.pilota.Pilota;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/** Generates Java from the Thrift files of a project. Writes only what has changed. */
@Mojo(name = "generate", defaultPhase = LifecyclePhase.GENERATE_SOURCES, threadSafe = true)
public final class GenerateMojo extends AbstractMojo {
  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  /** The folder with the Thrift files, searched with its subfolders. */
  @Parameter(property = "pilota.sourceDirectory", defaultValue = "${basedir}/src/main/thrift")
  private File sourceDirectory;

  /** Where the Java goes; nothing else should live there. */
  @Parameter(
      property = "pilota.outputDirectory",
      defaultValue = "${project.build.directory}/generated-sources/thrift")
  private File outputDirectory;

  /** Where included files are looked for, besides the including file's folder. */
  @Parameter private List<File> includeDirectories = List.of();

  /** The package of everything; without it, what the IDL says. */
  @Parameter(property = "pilota.package")
  private String packageName;

  /** Whether structs keep what their IDL does not know, and write it back. */
  @Parameter(property = "pilota.keepUnknownFields", defaultValue = "false")
  private boolean keepUnknownFields;

  /** Whether the Java is compiled with the tests. */
  @Parameter(defaultValue = "false")
  private boolean tests;

  /** Created by Maven. */
  public GenerateMojo() {}

  @Override
  public void execute() throws MojoExecutionException, MojoFailureException {
    if (!sourceDirectory.isDirectory()) {
      getLog().info("no folder " + sourceDirectory + ": nothing to generate");
      return;
    }
    List<Path> include = includeDirectories.stream().map(File::toPath).toList();
    try {
      Pilota pilota = new Pilota(outputDirectory.toPath(), include, packageName, keepUnknownFields);
      int files = pilota.compile(List.of(sourceDirectory.toPath()));
      pilota.warnings().forEach(warning -> getLog().warn(warning));
      getLog().info(files + " Java files from " + sourceDirectory);
    } catch (IdlException | IllegalArgumentException wrong) {
      throw new MojoFailureException(wrong.getMessage(), wrong);
    } catch (IOException unwritable) {
      throw new MojoExecutionException(
          outputDirectory + ": cannot be written (" + unwritable + ")", unwritable);
    }
    if (tests) {
      project.addTestCompileSourceRoot(outputDirectory.getPath());
    } else {
      project.addCompileSourceRoot(outputDirectory.getPath());
    }
  }
}
