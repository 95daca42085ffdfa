/**
 * Metadata that travels with a call: over hops, threads and executors. Start at {@link
 * io.volare.metainfo.MetaInfo}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.metainfo;
