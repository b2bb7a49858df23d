/** Tests of the private servers. */
package io.howdah.bench.server;
