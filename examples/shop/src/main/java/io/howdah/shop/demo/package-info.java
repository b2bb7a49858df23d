/** Runs the shop twice on one Postgres. No part of the application. */
@NullMarked
@CheckReturnValue
package io.howdah.shop.demo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
