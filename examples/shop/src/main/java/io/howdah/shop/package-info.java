/**
 * A small shop: what an application looks like whose sessions, caches, limits, jobs, flags and
 * preferences are in its Postgres.
 */
@NullMarked
@CheckReturnValue
package io.howdah.shop;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
