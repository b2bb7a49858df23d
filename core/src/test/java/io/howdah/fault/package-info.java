/** What becomes of calls when the server, the network or the client's machine fails under load. */
@NullMarked
package io.howdah.fault;

import org.jspecify.annotations.NullMarked;
