@org.jspecify.annotations.NullMarked
package io.howdah.server.postgres;
