/** {@code howdah bench}: measurements side by side, which anybody can repeat. */
@NullMarked
package io.howdah.bench;

import org.jspecify.annotations.NullMarked;
