package io.howdah.cli.doctor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that is not as it should be.
 *
 * @param ailment what it is
 * @param severity how much harm it does here
 * @param subject the table, role, namespace or other thing that has it; null for the whole server
 *     or database
 * @param seen the figure or setting that was seen
 * @param remedy the statements or settings that mend it, one each
 */
public record Finding(
    Ailment ailment,
    Severity severity,
    @Nullable String subject,
    String seen,
    List<String> remedy) {

  public Finding {
    remedy = List.copyOf(remedy);
  }
}
