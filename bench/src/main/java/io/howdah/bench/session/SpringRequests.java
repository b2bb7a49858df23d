package io.howdah.bench.session;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;

/** What Spring Session's filter does in a request, on any of its repositories. */
final class SpringRequests {

  private SpringRequests() {}

  static <S extends Session> String create(
      SessionRepository<S> repository, Map<String, Object> attributes) {
    S created = repository.createSession();
    attributes.forEach(created::setAttribute);
    repository.save(created);
    return created.getId();
  }

  /** The filter notes each use, and saves what has changed at the end. */
  static <S extends Session> boolean request(
      SessionRepository<S> repository, int session, String id, int visits) {
    S found = repository.findById(id);
    if (found == null) {
      return false;
    }
    found.setLastAccessedTime(Instant.now());
    boolean right =
        Attributes.areOf(
            session,
            orEmpty(found.getAttribute(Attributes.USER)),
            orEmpty(found.getAttribute(Attributes.ROLES)));
    if (visits != 0) {
      found.setAttribute(Attributes.VISITS, visits);
    }
    repository.save(found);
    return right;
  }

  private static Object orEmpty(@Nullable Object attribute) {
    return attribute == null ? "" : attribute;
  }
}
