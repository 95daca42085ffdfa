/**
 * The middleware core: a {@link io.volare.motore.Service} answers a request, a {@link
 * io.volare.motore.Layer} wraps a service. Start at {@link io.volare.motore.ServiceBuilder}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.motore;
