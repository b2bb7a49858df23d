/** Tests of JCache on Postgres. */
@NullUnmarked
package io.howdah.jcache;

import org.jspecify.annotations.NullUnmarked;
