/** Tests of the caches that eviction is compared with. */
package io.howdah.bench.expiry;
