/** What there is to buy: a cache that follows its table. */
@NullMarked
@CheckReturnValue
package io.howdah.shop.catalogue;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
