package io.howdah.openfeature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.MutableContext;
import dev.openfeature.sdk.ProviderEvaluation;
import dev.openfeature.sdk.ThreadLocalTransactionContextPropagator;
import dev.openfeature.sdk.Value;
import io.howdah.flag.FlagCondition;
import io.howdah.flag.FlagDefinition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked, and what it is answered with. */
@Timeout(120)
class HowdahProviderTest extends ProviderTest {
  private static final EvaluationContext ANN = new ImmutableContext("ann");

  @Test
  void providerHasAName() {
    HowdahProvider provider = HowdahProvider.of(howdah);
    assertThat(provider.getMetadata().getName()).isEqualTo("howdah");
    assertThat(client(provider).getProviderState().name()).isEqualTo("READY");
    assertThat(api.getProviderMetadata().getName()).isEqualTo("howdah");
  }

  @Test
  void flagsOfFiveTypesHaveTheirValues() {
    set("bool", on());
    set("text", on().variant("red", "#f00", 1));
    set("whole", on().variant("ten", 10, 1));
    set("real", on().variant("pi", 3.25, 1));
    set("object", on().variant("box", Map.of("w", 1, "h", 2.5, "tags", List.of("a", true)), 1));
    Client client = client(howdah);
    assertThat(client.getBooleanValue("bool", false, ANN)).isTrue();
    assertThat(client.getStringValue("text", "none", ANN)).isEqualTo("#f00");
    assertThat(client.getIntegerValue("whole", 1, ANN)).isEqualTo(10);
    assertThat(client.getDoubleValue("real", 1.0, ANN)).isEqualTo(3.25);
    assertThat(client.getDoubleValue("whole", 1.0, ANN)).isEqualTo(10.0);
    Value box = client.getObjectValue("object", new Value(), ANN);
    assertThat(box.asStructure().asObjectMap())
        .isEqualTo(Map.of("w", 1, "h", 2.5, "tags", List.of("a", true)));
    assertThat(client.getObjectValue("text", new Value(), ANN).asString()).isEqualTo("#f00");
    assertThat(client.getObjectValue("bool", new Value(), ANN).asBoolean()).isTrue();
    assertThat(client.getObjectValue("real", new Value(), ANN).asDouble()).isEqualTo(3.25);
  }

  @Test
  void reasonAndVariantSayWhy() {
    set("static", on());
    set("disabled", FlagDefinition.builder().variant("a", "A", 1).offVariant("a"));
    set("targeted", on().allowUsers("ann").rolloutPercentage(0));
    set("split", on().rolloutPercentage(99.99));
    set("default", on().when(FlagCondition.isEqual("country", "DE")));
    Client client = client(howdah);
    assertThat(client.getBooleanDetails("static", false, ANN))
        .extracting(FlagEvaluationDetails::getReason, FlagEvaluationDetails::getVariant)
        .containsExactly("STATIC", "on");
    assertThat(client.getStringDetails("disabled", "mine", ANN))
        .extracting(
            FlagEvaluationDetails::getValue,
            FlagEvaluationDetails::getReason,
            FlagEvaluationDetails::getVariant)
        .containsExactly("A", "DISABLED", "a");
    assertThat(client.getBooleanDetails("targeted", false, ANN).getReason())
        .isEqualTo("TARGETING_MATCH");
    assertThat(client.getBooleanDetails("split", false, ANN).getReason()).isEqualTo("SPLIT");
    assertThat(client.getBooleanDetails("default", true, ANN))
        .extracting(FlagEvaluationDetails::getValue, FlagEvaluationDetails::getReason)
        .containsExactly(false, "DEFAULT");
  }

  @Test
  void normalAnswerHasNoError() {
    set("normal", on());
    ProviderEvaluation<Boolean> answer = answer("normal", ANN);
    assertThat(answer.getErrorCode()).isNull();
    assertThat(answer.getErrorMessage()).isNull();
  }

  private ProviderEvaluation<Boolean> answer(String flag, EvaluationContext context) {
    HowdahProvider provider = HowdahProvider.of(howdah);
    client(provider);
    return provider.getBooleanEvaluation(flag, false, context);
  }

  @Test
  void offFlagWithoutAVariantHasTheDefaultOfTheCaller() {
    set("off", FlagDefinition.builder().variant("a", "A", 1));
    FlagEvaluationDetails<String> details = client(howdah).getStringDetails("off", "mine", ANN);
    assertThat(details.getValue()).isEqualTo("mine");
    assertThat(details.getVariant()).isNull();
    assertThat(details.getReason()).isEqualTo("DISABLED");
    assertThat(details.getErrorCode()).isNull();
  }

  @Test
  void errorsHaveTheirCodesAndTheDefault() {
    set("words", on().variant("a", "A", 1));
    set("fraction", on().variant("half", 0.5, 1));
    set("large", on().variant("large", 3_000_000_000L, 1));
    Client client = client(howdah);
    assertError(client.getBooleanDetails("absent", true, ANN), true, ErrorCode.FLAG_NOT_FOUND);
    assertError(client.getBooleanDetails("words", true, ANN), true, ErrorCode.TYPE_MISMATCH);
    assertError(client.getDoubleDetails("words", 1.5, ANN), 1.5, ErrorCode.TYPE_MISMATCH);
    assertError(client.getStringDetails("fraction", "x", ANN), "x", ErrorCode.TYPE_MISMATCH);
    assertError(client.getIntegerDetails("fraction", 7, ANN), 7, ErrorCode.TYPE_MISMATCH);
    assertError(client.getIntegerDetails("large", 7, ANN), 7, ErrorCode.TYPE_MISMATCH);
    EvaluationContext tooLong = new ImmutableContext("a".repeat(1_025));
    assertError(client.getStringDetails("words", "x", tooLong), "x", ErrorCode.INVALID_CONTEXT);
    EvaluationContext noGroups = new MutableContext("ann").add("groups", 3);
    assertError(client.getStringDetails("words", "x", noGroups), "x", ErrorCode.INVALID_CONTEXT);
  }

  private static <T> void assertError(
      FlagEvaluationDetails<T> details, T otherwise, ErrorCode code) {
    assertThat(details.getErrorCode()).isEqualTo(code);
    assertThat(details.getErrorMessage()).isNotBlank();
    assertThat(details.getReason()).isEqualTo("ERROR");
    assertThat(details.getValue()).isEqualTo(otherwise);
    assertThat(details.getVariant()).isNull();
  }

  @Test
  void definitionThatIsNewerThanTheLibraryIsAParseError() {
    set("newer", on());
    Client client = client(howdah);
    assertThat(client.getBooleanValue("newer", false, ANN)).isTrue();
    sql(
        "UPDATE $.flag SET definition = '{\"newer\":1}', revision = revision + 1 WHERE name = 'newer'");
    sql("UPDATE $.flag_revision SET stamp = gen_random_uuid()");
    howdah.flags().refresh();
    assertError(client.getBooleanDetails("newer", false, ANN), false, ErrorCode.PARSE_ERROR);
    sql("DELETE FROM $.flag WHERE name = 'newer'");
  }

  @Test
  void metadataOfTheDefinitionComesWithItsRevision() {
    set(
        "described",
        on().metadata(
                Map.of(
                    "owner",
                    "ann",
                    "ticket",
                    7,
                    "big",
                    3_000_000_000L,
                    "part",
                    0.5,
                    "old",
                    true,
                    "list",
                    List.of(1))));
    Client client = client(howdah);
    var metadata = client.getBooleanDetails("described", false, ANN).getFlagMetadata();
    assertThat(metadata.getString("owner")).isEqualTo("ann");
    assertThat(metadata.getInteger("ticket")).isEqualTo(7);
    assertThat(metadata.getLong("big")).isEqualTo(3_000_000_000L);
    assertThat(metadata.getDouble("part")).isEqualTo(0.5);
    assertThat(metadata.getBoolean("old")).isTrue();
    assertThat(metadata.getValue("list", Object.class)).isNull();
    long revision = howdah.flags().get("described").orElseThrow().revision();
    assertThat(metadata.getLong("howdah.revision")).isEqualTo(revision);

    set("described", on().metadata(Map.of("owner", "bob")));
    io.howdah.testing.Eventually.holds(
        "the new metadata is seen",
        () ->
            "bob"
                .equals(
                    client
                        .getBooleanDetails("described", false, ANN)
                        .getFlagMetadata()
                        .getString("owner")));
    assertThat(client.getBooleanDetails("absent", false, ANN).getFlagMetadata().isEmpty()).isTrue();
  }

  @Test
  void contextIsTheSubject() {
    set("beta", on().allowGroups("beta"));
    set("german", on().when(FlagCondition.isEqual("country", "DE")));
    set("adult", on().when(FlagCondition.isAtLeast("age", 18)));
    set("staff", on().when(FlagCondition.isEqual("staff", true)));
    set("early", on().when(FlagCondition.startsWith("since", "2024-01-01T00:00:00")));
    Client client = client(howdah);
    MutableContext context =
        new MutableContext("ann")
            .add("groups", List.of(new Value("alpha"), new Value("beta")))
            .add("country", "DE")
            .add("age", 18)
            .add("staff", true)
            .add("since", Instant.parse("2024-01-01T00:00:00Z"))
            .add("address", new ImmutableContext(Map.of("city", new Value("Berlin"))));
    for (String flag : List.of("beta", "german", "adult", "staff", "early")) {
      assertThat(client.getBooleanValue(flag, false, context)).as(flag).isTrue();
      assertThat(client.getBooleanValue(flag, true, ANN)).as(flag + " for others").isFalse();
    }
    MutableContext oneGroup = new MutableContext("bob").add("groups", "beta").add("age", 17.9);
    assertThat(client.getBooleanValue("beta", false, oneGroup)).isTrue();
    assertThat(client.getBooleanValue("adult", true, oneGroup)).isFalse();
  }

  @Test
  void groupsMayBeInAnotherAttribute() {
    set("team", on().allowGroups("beta"));
    Client client = client(HowdahProvider.builder(howdah).groupsAttribute("teams").build());
    assertThat(
            client.getBooleanValue("team", false, new MutableContext("ann").add("teams", "beta")))
        .isTrue();
    assertThat(
            client.getBooleanValue("team", true, new MutableContext("ann").add("groups", "beta")))
        .isFalse();
  }

  /** The invocation's before the client's, the transaction's and the API's. */
  @Test
  void contextsAreMergedBeforeTheyAreAsked() {
    set("merged", on().when(FlagCondition.isEqual("level", "call")));
    set("user", on().allowUsers("ann").rolloutPercentage(0));
    Client client = client(howdah);
    api.setTransactionContextPropagator(new ThreadLocalTransactionContextPropagator());
    api.setEvaluationContext(new MutableContext("ann").add("level", "api"));
    assertThat(client.getBooleanValue("user", false)).isTrue();
    assertThat(client.getBooleanValue("merged", true)).isFalse();
    api.setTransactionContext(new MutableContext().add("level", "transaction"));
    client.setEvaluationContext(new MutableContext().add("level", "client"));
    assertThat(client.getBooleanValue("merged", true)).isFalse();
    assertThat(client.getBooleanValue("merged", false, new MutableContext().add("level", "call")))
        .isTrue();
    assertThat(client.getBooleanValue("user", false, new MutableContext().add("level", "call")))
        .isTrue();
  }

  @Test
  void targetingKeyDecidesARolloutAsEverywhereElse() {
    set("half", on().rolloutPercentage(50));
    Client client = client(howdah);
    List<String> users = Stream.iterate(1, i -> i + 1).limit(100).map(i -> "u" + i).toList();
    List<Boolean> here =
        users.stream()
            .map(user -> client.getBooleanValue("half", false, new ImmutableContext(user)))
            .toList();
    List<Boolean> inSql =
        users.stream()
            .map(user -> sql("SELECT $.flag_enabled('half', ?)", user).get(0).equals("t"))
            .toList();
    assertThat(here).isEqualTo(inSql).contains(true, false);
  }

  @Test
  void missingTargetingKeyIsAnErrorWhereThatIsSaid() {
    set("part", on().rolloutPercentage(50));
    set("all", on());
    FlagEvaluationDetails<Boolean> details = client(howdah).getBooleanDetails("part", true);
    assertThat(details.getErrorCode()).isNull();
    assertThat(details.getReason()).isEqualTo("DEFAULT");
    assertThat(details.getValue()).isFalse();

    Client strict = client(HowdahProvider.builder(howdah).requireTargetingKey(true).build());
    assertError(strict.getBooleanDetails("part", true), true, ErrorCode.TARGETING_KEY_MISSING);
    assertThat(strict.getBooleanValue("all", false)).isTrue();
  }

  @Test
  void contextMayBeMissing() {
    set("plain", on());
    assertThat(answer("plain", null).getValue()).isTrue();
  }
}
