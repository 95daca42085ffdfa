/**
 * Metainfo and trace ids in SLF4J's logging context. Start at {@link
 * io.volare.integrations.mdc.MdcLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.integrations.mdc;
