/**
 * Values of any allowed type as JSON that says its types. For the caches and the sessions of the
 * starter.
 */
@NullMarked
@CheckReturnValue
package io.howdah.spring.json;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
