/** Metainfo across threads. Start at {@link io.volare.examples.threads.Threads}. */
@org.jspecify.annotations.NullMarked
package io.volare.examples.threads;
