/** What a benchmark leaves behind: lines on the console, JSON, Markdown and charts. */
@NullMarked
package io.howdah.bench.report;

import org.jspecify.annotations.NullMarked;
