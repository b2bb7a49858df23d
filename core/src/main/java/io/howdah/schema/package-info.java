/** The migrator: brings the schema of a database to the version of this library. */
@NullMarked
@CheckReturnValue
package io.howdah.schema;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
