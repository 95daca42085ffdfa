/** A stack that nobody has composed before, and what it prints of itself. */
@org.jspecify.annotations.NullMarked
package io.volare.examples.customstack;
