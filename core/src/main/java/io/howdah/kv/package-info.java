/** Keys and values with a time to live, and the namespaces that hold them. */
@NullMarked
@CheckReturnValue
package io.howdah.kv;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
