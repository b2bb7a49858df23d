/** The cart, the checkout in one transaction, and the mail that follows it. */
@NullMarked
@CheckReturnValue
package io.howdah.shop.order;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
