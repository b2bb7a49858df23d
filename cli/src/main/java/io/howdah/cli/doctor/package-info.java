/** The doctor: looks at a database, and says what harms Howdah there. */
@NullMarked
@CheckReturnValue
package io.howdah.cli.doctor;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
