/** Tests of Bucket4j's buckets in Postgres. */
@NullUnmarked
package io.howdah.bucket4j;

import org.jspecify.annotations.NullUnmarked;
