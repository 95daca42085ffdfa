/**
 * Metainfo in Micrometer's context snapshots. Start at {@link
 * io.volare.integrations.contextpropagation.MetaInfoSnapshots}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.integrations.contextpropagation;
