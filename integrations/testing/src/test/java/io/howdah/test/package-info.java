/** What the library for tests promises. */
@NullMarked
package io.howdah.test;

import org.jspecify.annotations.NullMarked;
