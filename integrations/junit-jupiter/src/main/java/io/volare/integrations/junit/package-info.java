/** Runs services in tests. Start at {@link io.volare.integrations.junit.ServiceExtension}. */
@org.jspecify.annotations.NullMarked
package io.volare.integrations.junit;
