/** Preferences as JSONB and as hstore, beside a row for each key. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.preference;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
