/**
 * Layers around a plain function. Start at {@link io.volare.examples.plainfunction.PlainFunction}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.examples.plainfunction;
