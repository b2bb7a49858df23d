/** What the library for tests promises to Spring Boot applications. */
@NullMarked
package io.howdah.test.spring;

import org.jspecify.annotations.NullMarked;
