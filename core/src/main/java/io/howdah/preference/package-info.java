/** Preferences of users: see docs/preferences.md. */
@NullMarked
@CheckReturnValue
package io.howdah.preference;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
