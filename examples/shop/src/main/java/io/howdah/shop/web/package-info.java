/** The pages: forms and links, no JavaScript. */
@NullMarked
@CheckReturnValue
package io.howdah.shop.web;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
