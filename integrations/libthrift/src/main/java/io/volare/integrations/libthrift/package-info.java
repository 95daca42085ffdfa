/**
 * Apache-generated Thrift services over Volare. Start at {@link
 * io.volare.integrations.libthrift.Libthrift}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.integrations.libthrift;
