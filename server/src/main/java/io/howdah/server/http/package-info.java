/**
 * The HTTP face: paths, headers and bodies to calls on the library, and its answers and errors
 * back. No SQL.
 */
@NullMarked
@CheckReturnValue
package io.howdah.server.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
