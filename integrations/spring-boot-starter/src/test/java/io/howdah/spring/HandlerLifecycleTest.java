package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.support.GenericApplicationContext;

class HandlerLifecycleTest {
  private static final class Halfway extends HandlerLifecycle {
    private boolean begun;

    Halfway() {
      super("halfway-stop");
    }

    @Override
    protected void begin() {
      begun = true;
      throw new IllegalStateException("the second one cannot begin");
    }

    @Override
    protected void end() {
      begun = false;
    }
  }

  @Test
  void startThatFailsHalfwayLeavesNothingRunning() {
    Halfway halfway = new Halfway();
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      context.registerBean(Halfway.class, () -> halfway);
      assertThatThrownBy(context::refresh)
          .isInstanceOf(ApplicationContextException.class)
          .hasRootCauseMessage("the second one cannot begin");
    }
    assertThat(halfway.begun).isFalse();
    assertThat(halfway.isRunning()).isFalse();
  }
}
