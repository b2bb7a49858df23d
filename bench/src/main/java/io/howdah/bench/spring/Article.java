package io.howdah.bench.spring;

import java.time.LocalDate;
import java.util.List;

/** What an application keeps of what it sells. */
public record Article(
    String number,
    String title,
    long cents,
    boolean available,
    LocalDate since,
    List<String> tags,
    String text) {}
