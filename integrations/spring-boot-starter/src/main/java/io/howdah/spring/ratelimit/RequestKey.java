package io.howdah.spring.ratelimit;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;

/**
 * By what a rule tells requests apart.
 *
 * @param afterLogin whether it is asked after the login is known
 * @param needsLogin whether it cannot be asked before
 * @param of the key of a request; null when the rule does not limit it
 */
record RequestKey(
    boolean afterLogin, boolean needsLogin, Function<HttpServletRequest, @Nullable String> of) {
  private static final String HEADER = "header:";
  private static final Pattern WORD = Pattern.compile("[A-Za-z-]*");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  /**
   * The same, asked at another time.
   *
   * @throws IllegalArgumentException when it cannot be known then
   */
  RequestKey asked(boolean afterLogin) {
    if (!afterLogin && needsLogin) {
      throw new IllegalArgumentException(
          "after-login: true expected where the key is principal, which nobody knows before");
    }
    return new RequestKey(afterLogin, needsLogin, of);
  }

  /**
   * The key that the text of a rule means.
   *
   * @throws IllegalArgumentException when it means none
   * @throws org.springframework.expression.ParseException when it is no expression
   */
  static RequestKey parse(String text, int ipv6Prefix, BeanFactory beans) {
    Function<HttpServletRequest, @Nullable String> ip =
        request -> "ip:" + ClientAddress.of(request.getRemoteAddr(), ipv6Prefix);
    if (text.equals("ip")) {
      return new RequestKey(false, false, ip);
    }
    if (text.equals("principal")) {
      return new RequestKey(
          true,
          true,
          request -> {
            Principal user = request.getUserPrincipal();
            return user == null ? ip.apply(request) : "user:" + user.getName();
          });
    }
    if (text.startsWith(HEADER)) {
      String name = text.substring(HEADER.length());
      if (!TOKEN.matcher(name).matches()) {
        throw new IllegalArgumentException("key: header:NAME expected, got " + text);
      }
      return new RequestKey(
          false,
          false,
          request -> {
            String value = request.getHeader(name);
            return value == null ? ip.apply(request) : HEADER + value;
          });
    }
    if (WORD.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "key: ip, principal, header:NAME or an expression expected, got " + text);
    }
    Expression expression = new SpelExpressionParser().parseExpression(text);
    return new RequestKey(
        true,
        false,
        request -> {
          StandardEvaluationContext context = new StandardEvaluationContext();
          context.setBeanResolver(new BeanFactoryResolver(beans));
          context.setVariable("request", request);
          context.setVariable("ip", ClientAddress.of(request.getRemoteAddr(), ipv6Prefix));
          context.setVariable("principal", request.getUserPrincipal());
          Object key = expression.getValue(context);
          return key == null ? null : key.toString();
        });
  }
}
