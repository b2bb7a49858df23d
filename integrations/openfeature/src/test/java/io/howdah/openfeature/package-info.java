/** Tests of the provider. */
@NullUnmarked
package io.howdah.openfeature;

import org.jspecify.annotations.NullUnmarked;
