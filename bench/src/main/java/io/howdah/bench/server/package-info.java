/** Private servers for the time of a benchmark, in a folder that is removed afterwards. */
@NullMarked
package io.howdah.bench.server;

import org.jspecify.annotations.NullMarked;
