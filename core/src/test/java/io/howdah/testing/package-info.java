/** What the tests of every module share. It ships in no library jar. */
@NullMarked
package io.howdah.testing;

import org.jspecify.annotations.NullMarked;
