package io.howdah.openfeature;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.EventProvider;
import dev.openfeature.sdk.Metadata;
import dev.openfeature.sdk.ProviderEvaluation;
import dev.openfeature.sdk.ProviderEventDetails;
import dev.openfeature.sdk.TrackingEventDetails;
import dev.openfeature.sdk.Value;
import dev.openfeature.sdk.exceptions.FatalError;
import dev.openfeature.sdk.exceptions.GeneralError;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Subscription;
import io.howdah.flag.FlagEvaluation;
import io.howdah.flag.FlagEvent;
import io.howdah.flag.FlagRule;
import io.howdah.flag.FlagSubject;
import io.howdah.flag.Flags;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Howdah's flags for OpenFeature. Evaluations are made on the snapshot of the {@link Howdah} in
 * this process: they need no database, and do not wait.
 *
 * <p>The targeting key is the user's id; the attribute {@code groups}, a list of texts or one text,
 * his groups; texts, numbers, booleans and instants (as ISO 8601) are attributes for conditions.
 * Structures and other lists are left out, since no condition compares them.
 *
 * <p>One object serves one {@code setProvider}: after {@link #shutdown} it can be asked no more.
 * The Howdah stays open.
 */
public final class HowdahProvider extends EventProvider {
  private static final String NAME = "howdah";

  private final Flags flags;
  private final Subjects subjects;
  private final boolean requiresTargetingKey;
  private final MetadataOfFlags metadata;
  private final SnapshotWatch watch;
  private final @Nullable Tracker tracker;
  private volatile @Nullable Subscription changes;

  private HowdahProvider(Builder builder) {
    this.flags = builder.howdah.flags();
    this.subjects = new Subjects(builder.groupsAttribute);
    this.requiresTargetingKey = builder.requiresTargetingKey;
    this.metadata = new MetadataOfFlags(flags);
    this.watch = new SnapshotWatch(flags, this);
    String channel = builder.trackingChannel;
    this.tracker =
        channel == null ? null : new Tracker(builder.howdah.outside().channels(), channel);
  }

  /** One with the defaults of {@link Builder}. */
  public static HowdahProvider of(Howdah howdah) {
    return builder(howdah).build();
  }

  /** Builds one. */
  public static Builder builder(Howdah howdah) {
    return new Builder(howdah);
  }

  /** How a {@link HowdahProvider} is built. Each option says its default. */
  public static final class Builder {
    private final Howdah howdah;
    private String groupsAttribute = "groups";
    private boolean requiresTargetingKey;
    private @Nullable String trackingChannel;

    private Builder(Howdah howdah) {
      this.howdah = Objects.requireNonNull(howdah, "howdah");
    }

    /** Which attribute of a context has the groups of the user. Default: {@code groups}. */
    @CanIgnoreReturnValue
    public Builder groupsAttribute(String attribute) {
      this.groupsAttribute = Objects.requireNonNull(attribute, "attribute");
      return this;
    }

    /**
     * Whether it is an error, {@link ErrorCode#TARGETING_KEY_MISSING}, to ask without a targeting
     * key for a flag that is rolled out to a part of the users. Default: false, then such a flag is
     * off, as everywhere else in Howdah.
     */
    @CanIgnoreReturnValue
    public Builder requireTargetingKey(boolean required) {
      this.requiresTargetingKey = required;
      return this;
    }

    /**
     * Publishes what is tracked as JSON on a channel: {@code event}, {@code value}, {@code context}
     * and {@code details}, each where there is one. Default: tracking does nothing.
     *
     * @param channel 1 to 256 bytes
     */
    @CanIgnoreReturnValue
    public Builder trackOn(String channel) {
      this.trackingChannel = Objects.requireNonNull(channel, "channel");
      return this;
    }

    public HowdahProvider build() {
      return new HowdahProvider(this);
    }
  }

  /** Its name is {@code howdah}. */
  @Override
  public Metadata getMetadata() {
    return () -> NAME;
  }

  /**
   * Reads the flags. Where the database does not answer it fails, and goes on trying: when it does,
   * the provider is ready.
   *
   * @throws GeneralError when the database does not answer
   * @throws FatalError when it never will: the Howdah is closed, or the schema or the role is not
   *     fit
   */
  @Override
  public void initialize(@Nullable EvaluationContext context) {
    changes = flags.onChange(this::changed);
    boolean ready = false;
    try {
      flags.refresh();
      metadata.clear();
      ready = true;
    } catch (HowdahException e) {
      String message = "the flags cannot be read: " + e.getMessage();
      throw switch (e.code()) {
        case CLOSED, SCHEMA, FORBIDDEN -> new FatalError(message, e);
        default -> new GeneralError(message, e);
      };
    } finally {
      watch.start(ready);
    }
  }

  private void changed(FlagEvent event) {
    metadata.forget(event.name());
    var unused =
        emitProviderConfigurationChanged(
            ProviderEventDetails.builder()
                .flagsChanged(List.of(event.name()))
                .message("the flag " + event.name() + " has changed")
                .build());
  }

  /** Ends the events, and waits up to five seconds for what is tracked. The Howdah stays open. */
  @Override
  public void shutdown() {
    watch.close();
    Subscription subscription = changes;
    if (subscription != null) {
      subscription.close();
    }
    if (tracker != null) {
      tracker.close();
    }
    super.shutdown();
  }

  @Override
  public ProviderEvaluation<Boolean> getBooleanEvaluation(
      String key, Boolean defaultValue, @Nullable EvaluationContext context) {
    return evaluate(key, defaultValue, context, Values::toBoolean);
  }

  @Override
  public ProviderEvaluation<String> getStringEvaluation(
      String key, String defaultValue, @Nullable EvaluationContext context) {
    return evaluate(key, defaultValue, context, Values::toText);
  }

  /** A number that is no whole one of 32 bits is of another type. */
  @Override
  public ProviderEvaluation<Integer> getIntegerEvaluation(
      String key, Integer defaultValue, @Nullable EvaluationContext context) {
    return evaluate(key, defaultValue, context, Values::toInteger);
  }

  @Override
  public ProviderEvaluation<Double> getDoubleEvaluation(
      String key, Double defaultValue, @Nullable EvaluationContext context) {
    return evaluate(key, defaultValue, context, Values::toDouble);
  }

  /** Any value of a flag, as it is in JSON. */
  @Override
  public ProviderEvaluation<Value> getObjectEvaluation(
      String key, Value defaultValue, @Nullable EvaluationContext context) {
    return evaluate(key, defaultValue, context, Values::toValue);
  }

  private <T> ProviderEvaluation<T> evaluate(
      String key,
      T otherwise,
      @Nullable EvaluationContext context,
      Function<JsonNode, @Nullable T> reader) {
    FlagSubject subject;
    try {
      subject = subjects.of(context);
    } catch (InvalidArgumentException e) {
      return failure(key, otherwise, ErrorCode.INVALID_CONTEXT, String.valueOf(e.getMessage()));
    }
    FlagEvaluation<@Nullable JsonNode> found = flags.evaluate(key, subject);
    ErrorCode error = errorOf(found.rule());
    if (error != null) {
      return failure(key, otherwise, error, found.details());
    }
    JsonNode node = found.value();
    T value = node == null ? otherwise : reader.apply(node);
    if (node != null && value == null) {
      return failure(key, otherwise, ErrorCode.TYPE_MISMATCH, FlagRule.TYPE_MISMATCH.details());
    }
    return ProviderEvaluation.<T>builder()
        .value(value)
        .variant(found.variant())
        .reason(found.reason().name())
        .flagMetadata(metadata.of(key))
        .build();
  }

  private <T> ProviderEvaluation<T> failure(
      String key, T otherwise, ErrorCode code, String message) {
    return ProviderEvaluation.<T>builder()
        .value(otherwise)
        .reason(dev.openfeature.sdk.Reason.ERROR.name())
        .errorCode(code)
        .errorMessage(message)
        .flagMetadata(metadata.of(key))
        .build();
  }

  private @Nullable ErrorCode errorOf(FlagRule rule) {
    return switch (rule) {
      case FLAG_NOT_FOUND -> ErrorCode.FLAG_NOT_FOUND;
      case NOT_LOADED -> ErrorCode.PROVIDER_NOT_READY;
      case UNREADABLE -> ErrorCode.PARSE_ERROR;
      case NO_USER -> requiresTargetingKey ? ErrorCode.TARGETING_KEY_MISSING : null;
      default -> null;
    };
  }

  /** Does not wait; a failure is logged. */
  @Override
  public void track(
      String event, @Nullable EvaluationContext context, @Nullable TrackingEventDetails details) {
    if (tracker != null) {
      tracker.track(event, context, details);
    }
  }
}
