/**
 * For tests of layers and stacks: a clock that the test moves and a service that follows a script.
 */
@org.jspecify.annotations.NullMarked
package io.volare.motore.testing;
