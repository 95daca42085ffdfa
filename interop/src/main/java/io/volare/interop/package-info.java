/** One server and one client over Volare, with the cases that every original answers too. */
@NullMarked
package io.volare.interop;

import org.jspecify.annotations.NullMarked;
