/** Tests of the rate limit benchmark. */
package io.howdah.bench.ratelimit;
