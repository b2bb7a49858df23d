package io.howdah.shop;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Who may see what. Nothing here knows of Howdah: logins, CSRF tokens and carts are in the session,
 * and the starter keeps that.
 */
@Configuration(proxyBeanMethods = false)
class Security {
  /** The pages bring nothing but themselves, their style sheet and its pictures. */
  private static final String POLICY =
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
          + " base-uri 'none'; frame-ancestors 'none'";

  @Bean
  SecurityFilterChain pages(HttpSecurity http) {
    return http.authorizeHttpRequests(requests ->
            requests
                .requestMatchers("/checkout", "/orders", "/settings")
                .authenticated()
                .anyRequest()
                .permitAll())
        .formLogin(login -> login.loginPage("/login"))
        .logout(logout -> logout.logoutSuccessUrl("/"))
        .headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(POLICY)))
        .build();
  }

  @Bean
  UserDetailsService users(ShopProperties shop) {
    return new InMemoryUserDetailsManager(
        shop.users().stream()
            .map(user -> User.withUsername(user.name()).password(user.password()).build())
            .toList());
  }
}
