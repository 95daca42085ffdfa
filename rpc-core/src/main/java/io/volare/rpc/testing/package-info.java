/** For tests of registries: a listener that the test asks what it heard. */
@org.jspecify.annotations.NullMarked
package io.volare.rpc.testing;
