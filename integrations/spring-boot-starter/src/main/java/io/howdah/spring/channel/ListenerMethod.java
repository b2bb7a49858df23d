package io.howdah.spring.channel;

import io.howdah.Codec;
import io.howdah.HowdahException;
import io.howdah.channel.Message;
import io.howdah.channel.MessageHandler;
import io.howdah.spring.BeanMethods.Found;
import io.howdah.spring.BeanMethods.Invocable;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ResolvableType;
import tools.jackson.databind.ObjectMapper;

/** Hands messages to a method. */
final class ListenerMethod implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerMethod.class);

  private final String channel;
  private final Found<ChannelListener> found;
  private final Invocable method;
  private final Executor executor;
  private final Consumer<ChannelGap> gaps;
  private final boolean[] takesMessage;

  /** Null when the payload is handed over as it is. */
  private final @Nullable Codec<Object> codec;

  ListenerMethod(
      String channel,
      Found<ChannelListener> found,
      Invocable method,
      ObjectMapper mapper,
      Executor executor,
      Consumer<ChannelGap> gaps) {
    this.channel = channel;
    this.found = found;
    this.method = method;
    this.executor = executor;
    this.gaps = gaps;
    ResolvableType payload = payload(found);
    this.codec =
        payload == null || payload.toClass() == String.class
            ? null
            : Codec.json(mapper, payload.getType());
    Class<?>[] types = found.method().getParameterTypes();
    this.takesMessage = new boolean[types.length];
    for (int i = 0; i < types.length; i++) {
      takesMessage[i] = types[i] == Message.class;
    }
  }

  /**
   * The type of the payload; null when it is not taken.
   *
   * @throws IllegalStateException when the method cannot be a listener; the message names it
   */
  static @Nullable ResolvableType payload(Found<ChannelListener> found) {
    Method method = found.method();
    ResolvableType payload = null;
    int messages = 0;
    for (int i = 0; i < method.getParameterCount(); i++) {
      ResolvableType type = ResolvableType.forMethodParameter(method, i, found.targetClass());
      if (type.toClass() == Message.class) {
        messages++;
      } else if (payload == null) {
        payload = type;
      } else {
        throw found.mistake("one payload and one Message expected at most, got two payloads");
      }
    }
    if (messages > 1) {
      throw found.mistake("one payload and one Message expected at most, got two Messages");
    }
    return payload;
  }

  @Override
  public void onMessage(Message message) {
    try {
      Object payload =
          codec == null ? message.payload() : codec.decode(Codec.Encoded.json(message.payload()));
      @Nullable Object[] arguments = new Object[takesMessage.length];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = takesMessage[i] ? message : payload;
      }
      method.invoke(arguments);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.info("{} was interrupted", found);
    } catch (Exception e) {
      LOG.error("{} failed at a message of the channel {}", found, message.channel(), e);
    }
  }

  @Override
  public void onGap() {
    gaps.accept(new ChannelGap(channel, 0, false));
  }

  @Override
  public void onDropped(long count) {
    LOG.warn("{} is slower than its messages: {} were dropped", found, count);
    gaps.accept(new ChannelGap(channel, count, false));
  }

  @Override
  public void onEnd(HowdahException reason) {
    LOG.error("{} hears nothing any more: {}", found, reason.getMessage());
    gaps.accept(new ChannelGap(channel, 0, true));
  }

  @Override
  public Executor executor() {
    return executor;
  }
}
