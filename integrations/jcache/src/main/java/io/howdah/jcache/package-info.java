/** JCache (JSR-107) on Postgres: caches are namespaces of keys and values. */
@NullMarked
@CheckReturnValue
package io.howdah.jcache;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
