/** Java from the services of Protobuf IDLs. Start at {@link io.volare.protoc.ProtocPlugin}. */
package io.volare.protoc;
