/** Tests of the key-value benchmark. */
package io.howdah.bench.kv;
