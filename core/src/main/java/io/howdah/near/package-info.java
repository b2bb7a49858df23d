/**
 * Near caches: what a process keeps in its heap of what the database has, whichever workload it
 * belongs to.
 */
@NullMarked
@CheckReturnValue
package io.howdah.near;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
