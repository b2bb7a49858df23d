package io.howdah.spring.session;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A web application as the tests need it: attributes of the session, and a login. */
@SpringBootApplication(proxyBeanMethods = false)
class SessionApplication {
  record Cart(String owner, List<String> items) {}

  /** Events that this instance was told of. */
  static class Told {
    final List<AbstractSessionEvent> events = Collections.synchronizedList(new ArrayList<>());

    @EventListener
    void told(AbstractSessionEvent event) {
      events.add(event);
    }
  }

  @Bean
  Told told() {
    return new Told();
  }

  /** Sessions that this instance was told of by the servlet API. */
  static class Heard implements HttpSessionListener {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void sessionCreated(HttpSessionEvent event) {
      events.add("created " + event.getSession().getId());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
      events.add("destroyed " + event.getSession().getId());
    }
  }

  @Bean
  Heard heard() {
    return new Heard();
  }

  @Bean
  SecurityFilterChain security(
      HttpSecurity http,
      ObjectProvider<HowdahSessionRepository> sessions,
      @Value("${app.maximum-sessions:0}") int maximum)
      throws Exception {
    if (maximum > 0) {
      http.sessionManagement(management ->
          management
              .maximumSessions(maximum)
              .maxSessionsPreventsLogin(true)
              .sessionRegistry(new SpringSessionBackedSessionRegistry<>(sessions.getObject())));
    }
    return http.authorizeHttpRequests(
            requests -> requests.requestMatchers("/me").authenticated().anyRequest().permitAll())
        .csrf(csrf -> csrf.disable())
        .exceptionHandling(failures ->
            failures.authenticationEntryPoint(new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED)))
        .formLogin(login -> login.defaultSuccessUrl("/me", true))
        .build();
  }

  @Bean
  UserDetailsService users() {
    return new InMemoryUserDetailsManager(
        User.withUsername("ann").password("{noop}pw").roles("USER").build(),
        User.withUsername("lou").password("{noop}pw").roles("USER").accountLocked(true).build());
  }

  /** What a browser does with its session. */
  @RestController
  static class Pages {
    @PostMapping("/set")
    String set(HttpSession session, @RequestParam Map<String, String> attributes) {
      attributes.forEach(session::setAttribute);
      return session.getId();
    }

    @PostMapping("/cart")
    String cart(HttpSession session, @RequestParam String item) {
      session.setAttribute("cart", new Cart("ann", List.of(item)));
      return session.getId();
    }

    @GetMapping("/get")
    String get(HttpServletRequest request, @RequestParam String name) {
      HttpSession session = request.getSession(false);
      Object value = session == null ? null : session.getAttribute(name);
      return Objects.toString(value);
    }

    @PostMapping("/idle")
    int idle(HttpSession session, @RequestParam int seconds) {
      session.setMaxInactiveInterval(seconds);
      return session.getMaxInactiveInterval();
    }

    @GetMapping("/idle")
    int idle(HttpSession session) {
      return session.getMaxInactiveInterval();
    }

    @PostMapping("/end")
    void end(HttpSession session) {
      session.invalidate();
    }

    @GetMapping("/me")
    @Nullable String me(Principal principal) {
      return principal.getName();
    }
  }
}
