/** What a benchmark leaves behind: lines on the console, JSON, Markdown and charts. */
@NullMarked
@CheckReturnValue
package io.howdah.bench.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
