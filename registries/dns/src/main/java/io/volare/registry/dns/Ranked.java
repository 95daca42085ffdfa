package io.volare.registry.dns;

import io.volare.rpc.Endpoint;

/**
 * An endpoint and the class it belongs to.
 *
 * @param priority as in RFC 2782: a higher one is used only when all lower ones cannot be reached
 */
record Ranked(int priority, Endpoint endpoint) {}
