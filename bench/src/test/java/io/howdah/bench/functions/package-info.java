/** Tests of the comparison with bare statements. */
package io.howdah.bench.functions;
