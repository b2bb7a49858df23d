package io.howdah.spring.json;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.beans.PropertyDescriptor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.util.ClassUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.PropertyBindingException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.type.TypeFactory;

/**
 * Makes JSON of values whose class the reader does not know, and values of such JSON: it names the
 * classes, and only {@link AllowedTypes} are read. Texts, booleans and numbers that are {@link
 * Integer} stay plain JSON.
 *
 * <p>Reads the types of Spring Security where they are on the class path, and flash attributes of
 * Spring MVC.
 */
public final class TypedJson {
  private static final String SECURITY =
      "org.springframework.security.jackson.SecurityJacksonModules";
  private static final String FLASH_MAP = "org.springframework.web.servlet.FlashMap";

  /** Of classes and arrays; anything else in its place may be a value, or forged for a log. */
  private static final Pattern CLASS_NAME = Pattern.compile("[\\w.$\\[;]{1,250}");

  private final ObjectWriter writer;
  private final ObjectReader reader;

  /**
   * @param loader of the classes that are named
   * @param more modules that say how other classes are written and read
   */
  public TypedJson(AllowedTypes types, ClassLoader loader, List<JacksonModule> more) {
    BasicPolymorphicTypeValidator.Builder allowed =
        BasicPolymorphicTypeValidator.builder().allowIfSubType((context, type) -> types.test(type));
    JsonMapper.Builder mapper =
        JsonMapper.builder()
            .typeFactory(TypeFactory.createDefaultInstance().withClassLoader(loader))
            .addHandler(new Derived());
    boolean flashes = ClassUtils.isPresent(FLASH_MAP, loader);
    if (flashes) {
      FlashMaps.allow(allowed);
    }
    if (ClassUtils.isPresent(SECURITY, loader)) {
      SecurityTypes.addTo(mapper, loader, allowed);
    } else {
      mapper.activateDefaultTyping(
          allowed.build(), DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY);
    }
    if (flashes) {
      mapper.addModule(FlashMaps.module());
    }
    mapper.addModule(new SimpleModule("howdah").addSerializer(new Doubles()));
    mapper.addModules(more);
    JsonMapper built = mapper.build();
    this.writer = built.writerFor(Object.class);
    this.reader = built.readerFor(Object.class);
  }

  private TypedJson(ObjectWriter writer, ObjectReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  /**
   * The same, which does not read JSON with a member that its class does not know, unless the class
   * has a getter of that name or says that it ignores others: so a field that has another name now
   * is no null.
   */
  public TypedJson exact() {
    return new TypedJson(writer, reader.with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES));
  }

  /**
   * The JSON of a value, which was read again: what it holds decides whether that goes, and nobody
   * would find out before somebody needs it.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} when it cannot be written, or not read
   *     again
   */
  public String write(Object value) {
    Class<?> type = value.getClass();
    String json;
    try {
      json = writer.writeValueAsString(value);
    } catch (JacksonException | LinkageError e) {
      throw new HowdahException(
          ErrorCode.CODEC, "cannot write a value of " + type.getName() + " as JSON: " + said(e), e);
    }
    Object read;
    try {
      read = reader.readValue(json);
    } catch (RuntimeException | LinkageError e) {
      // Without the cause, whose message may hold what is in the value.
      throw new HowdahException(
          ErrorCode.CODEC,
          "a value of " + type.getName() + " cannot be read again from its JSON: " + said(e));
    }
    boolean holdsOthers =
        value instanceof Collection || value instanceof Map || value instanceof Object[];
    if (!holdsOthers && (read == null || read.getClass() != type)) {
      throw new HowdahException(
          ErrorCode.CODEC,
          "a value of "
              + type.getName()
              + " would be read again as one of "
              + (read == null ? "no class" : read.getClass().getName()));
    }
    return json;
  }

  /**
   * The value of what {@link #write} has made.
   *
   * @throws RuntimeException when it cannot be read, as when its class has changed; Jackson passes
   *     on what the class throws
   */
  public @Nullable Object read(String json) {
    return reader.readValue(json);
  }

  /** {@link #read(String)} of UTF-8, without making a text of it first. */
  public @Nullable Object read(byte[] json) {
    return reader.readValue(json);
  }

  /** {@link #read(String)} of JSON that is a tree already. */
  public @Nullable Object read(JsonNode json) {
    return reader.readValue(json);
  }

  /** A JSON object, of which not all may be readable, as a tree. */
  public JsonNode tree(String json) {
    return reader.readTree(json);
  }

  /** Which class stored JSON names, for a log: "no class" where it names none. */
  public static String named(JsonNode json) {
    JsonNode named = json.isObject() ? json.get("@class") : json.isArray() ? json.get(0) : null;
    String name = named != null && named.isString() ? named.stringValue() : "";
    return CLASS_NAME.matcher(name).matches() ? name : "no class";
  }

  /** Why something could not be written or read, without what is in it. */
  public static String said(Throwable e) {
    if (e instanceof InvalidTypeIdException type) {
      String id = type.getTypeId();
      return "the class "
          + (id != null && CLASS_NAME.matcher(id).matches() ? id : "that it names")
          + " is not there, or not allowed";
    }
    if (e instanceof PropertyBindingException property) {
      return "%s has no '%s' (any more)"
          .formatted(property.getReferringClass().getName(), property.getPropertyName());
    }
    if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return "its JSON is none of " + mismatch.getTargetType().getName();
    }
    if (e instanceof InvalidDefinitionException definition) {
      return definition.getOriginalMessage();
    }
    Throwable cause = e instanceof JacksonException && e.getCause() != null ? e.getCause() : e;
    return cause.getClass().getName();
  }

  /** In a class of its own, which is loaded only where Spring Security is there. */
  private static final class SecurityTypes {
    private SecurityTypes() {}

    static void addTo(
        JsonMapper.Builder mapper,
        ClassLoader loader,
        BasicPolymorphicTypeValidator.Builder allowed) {
      var unused =
          allowed.allowIfSubType(org.springframework.security.core.AuthenticationException.class);
      mapper
          .addModules(
              org.springframework.security.jackson.SecurityJacksonModules.getModules(
                  loader, allowed))
          .addMixIn(
              org.springframework.security.core.AuthenticationException.class,
              FailureMessage.class);
    }
  }

  /** Of why somebody could not log in its message: what he has sent had his password in it. */
  @JsonIgnoreProperties(
      value = {"cause", "stackTrace", "suppressed", "localizedMessage", "authenticationRequest"},
      ignoreUnknown = true)
  private static final class FailureMessage {}

  /** What a class works out by a getter is written, and need not be read. */
  private static final class Derived extends DeserializationProblemHandler {
    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser from,
        ValueDeserializer<?> deserializer,
        Object beanOrClass,
        String name) {
      Class<?> type = beanOrClass instanceof Class<?> itself ? itself : beanOrClass.getClass();
      PropertyDescriptor property = BeanUtils.getPropertyDescriptor(type, name);
      if (property == null || property.getReadMethod() == null) {
        return false;
      }
      from.skipChildren();
      return true;
    }
  }

  /** With their class: Postgres writes 1E10 as 10000000000, which would become an integer. */
  private static final class Doubles extends StdScalarSerializer<Double> {
    Doubles() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator to, SerializationContext context) {
      to.writeNumber(value);
    }

    @Override
    public void serializeWithType(
        Double value, JsonGenerator to, SerializationContext context, TypeSerializer types) {
      WritableTypeId id =
          types.writeTypePrefix(to, context, types.typeId(value, JsonToken.VALUE_NUMBER_FLOAT));
      serialize(value, to, context);
      WritableTypeId unused = types.writeTypeSuffix(to, context, id);
    }
  }
}
