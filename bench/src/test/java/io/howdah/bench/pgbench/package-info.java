/** Tests of what is read from pgbench. */
package io.howdah.bench.pgbench;
