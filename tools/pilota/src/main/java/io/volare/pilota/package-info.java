/** The IDL compiler: reads Thrift, writes Java. Start at {@link io.volare.pilota.Pilota}. */
package io.volare.pilota;
