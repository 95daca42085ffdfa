/**
 * A transport of one's own: blocking sockets, one connection for each call, a format of a page.
 * Start at {@link com.example.plain.PlainServer}.
 */
@org.jspecify.annotations.NullMarked
package com.example.plain;
