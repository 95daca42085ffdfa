/** The IDL compiler in a Maven build. Start at {@link io.volare.pilota.maven.GenerateMojo}. */
package io.volare.pilota.maven;
