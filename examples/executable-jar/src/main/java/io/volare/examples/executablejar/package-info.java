/** An executable jar. Start at {@link io.volare.examples.executablejar.ExecutableJar}. */
@org.jspecify.annotations.NullMarked
package io.volare.examples.executablejar;
