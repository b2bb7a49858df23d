/** The shop as a person uses it: both processes, and a browser. */
@NullMarked
package io.howdah.shop;

import org.jspecify.annotations.NullMarked;
