/**
 * For the tests of applications: a Howdah on a real Postgres, time that passes at once, wipes and
 * faults.
 */
@NullMarked
@CheckReturnValue
package io.howdah.test;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
