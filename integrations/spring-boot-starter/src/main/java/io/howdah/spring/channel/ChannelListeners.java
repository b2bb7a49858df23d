package io.howdah.spring.channel;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.channel.ChannelSubscription;
import io.howdah.channel.Channels;
import io.howdah.channel.SubscriptionSettings;
import io.howdah.spring.BeanMethods;
import io.howdah.spring.BeanMethods.Found;
import io.howdah.spring.HandlerLifecycle;
import io.howdah.spring.PropertyLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The subscriptions of {@link ChannelListener} methods. They begin when all beans are there, and
 * end before the web server and before what methods need.
 *
 * <p>Each method has a thread of its own while it has messages: one that blocks holds up nobody
 * else.
 */
final class ChannelListeners extends HandlerLifecycle implements SmartInitializingSingleton {
  private final ConfigurableListableBeanFactory beans;
  private final ObjectProvider<ChannelProperties> lazyProperties;
  private final ApplicationEventPublisher events;
  private final boolean virtual;
  private final boolean lazy;
  private final List<ChannelSubscription> subscriptions = new ArrayList<>();
  private List<Found<ChannelListener>> methods = List.of();
  private @Nullable SimpleAsyncTaskExecutor threads;

  /**
   * Begins nothing.
   *
   * @param properties are made where there is a method
   * @param events is told of gaps
   * @param virtual whether methods run on virtual threads
   * @param lazy whether the start does not wait until something can be heard
   */
  ChannelListeners(
      ConfigurableListableBeanFactory beans,
      ObjectProvider<ChannelProperties> properties,
      ApplicationEventPublisher events,
      boolean virtual,
      boolean lazy) {
    super("howdah-channels-stop");
    this.beans = beans;
    this.lazyProperties = properties;
    this.events = events;
    this.virtual = virtual;
    this.lazy = lazy;
  }

  @Override
  public void afterSingletonsInstantiated() {
    methods = BeanMethods.find(beans, ChannelListener.class);
    for (Found<ChannelListener> found : methods) {
      var unused = ListenerMethod.payload(found);
      var unusedToo = channel(found);
    }
    if (!methods.isEmpty()) {
      ChannelProperties properties = lazyProperties.getObject();
      PropertyLimits.check(
          "howdah.channel.grace", properties.grace(), Duration.ofMillis(1), Duration.ofDays(1));
      PropertyLimits.check(
          "howdah.channel.buffer-messages", properties.bufferMessages(), 1, 100_000);
    }
  }

  private String channel(Found<ChannelListener> found) {
    String channel = beans.resolveEmbeddedValue(found.annotation().value());
    if (channel == null || channel.isEmpty()) {
      throw found.mistake("the name of a channel expected, got none");
    }
    return channel;
  }

  @Override
  protected void begin() {
    if (!methods.isEmpty()) {
      ChannelProperties properties = lazyProperties.getObject();
      SimpleAsyncTaskExecutor made = new SimpleAsyncTaskExecutor("howdah-channel-");
      made.setVirtualThreads(virtual);
      made.setTaskTerminationTimeout(properties.grace().toMillis());
      threads = made;
      ObjectMapper mapper =
          beans.getBeanProvider(JsonMapper.class).getIfUnique(() -> JsonMapper.builder().build());
      Channels channels = beans.getBean(Howdah.class).channels();
      boolean waits = !lazy;
      for (Found<ChannelListener> found : methods) {
        ListenerMethod method =
            new ListenerMethod(
                channel(found), found, found.on(beans), mapper, made, events::publishEvent);
        ChannelSubscription subscription = subscription(found, channels, method, properties, waits);
        subscriptions.add(subscription);
        // Where the first has waited in vain, the others would as well.
        waits &= subscription.isLive();
      }
    }
  }

  private ChannelSubscription subscription(
      Found<ChannelListener> found,
      Channels channels,
      ListenerMethod method,
      ChannelProperties properties,
      boolean waits) {
    String channel = channel(found);
    try {
      SubscriptionSettings settings =
          new SubscriptionSettings(properties.bufferMessages(), properties.whenFull());
      if (!waits) {
        return found.annotation().pattern()
            ? channels.async().subscribePattern(channel, method, settings)
            : channels.async().subscribe(channel, method, settings);
      }
      return found.annotation().pattern()
          ? channels.subscribePattern(channel, method, settings)
          : channels.subscribe(channel, method, settings);
    } catch (HowdahException e) {
      throw new IllegalStateException(found + ": " + e.getMessage(), e);
    }
  }

  @Override
  protected void end() {
    subscriptions.forEach(ChannelSubscription::close);
    subscriptions.clear();
    SimpleAsyncTaskExecutor made = threads;
    if (made != null) {
      made.close();
      threads = null;
    }
  }
}
