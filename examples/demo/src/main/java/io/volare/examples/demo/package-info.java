/** Three services, three hops, and everything that Volare does on the way. */
@org.jspecify.annotations.NullMarked
package io.volare.examples.demo;
