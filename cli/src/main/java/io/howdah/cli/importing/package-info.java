/** The import: records of a file to values of a namespace. */
@NullMarked
@CheckReturnValue
package io.howdah.cli.importing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
