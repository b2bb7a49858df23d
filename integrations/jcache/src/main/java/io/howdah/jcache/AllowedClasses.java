package io.howdah.jcache;

import java.io.ObjectInputFilter;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.cache.CacheException;

/**
 * Which classes may be read by Java's serialization: those of a short list of the JDK's, the types
 * that a cache is configured with, and those that the application names. Whoever can write to the
 * table could otherwise have any class of the application made.
 */
final class AllowedClasses {
  private static final String LIMITS = "maxdepth=64;maxrefs=10000000;maxarray=100000000";
  private static final String JDK =
      "java.lang.Boolean;java.lang.Byte;java.lang.Character;java.lang.Double;java.lang.Enum;java.lang.Float;"
          + "java.lang.Integer;java.lang.Long;java.lang.Number;java.lang.Short;java.lang.String;java.lang.Object;"
          + "java.math.BigDecimal;java.math.BigInteger;java.math.MathContext;java.time.*;java.time.chrono.*;"
          + "java.sql.Timestamp;java.sql.Date;java.sql.Time;java.net.URI;"
          + "java.util.ArrayDeque;java.util.ArrayList;java.util.Arrays$ArrayList;java.util.BitSet;java.util.CollSer;"
          + "java.util.Collections$*;java.util.Currency;java.util.Date;java.util.EnumMap;java.util.EnumSet;"
          + "java.util.EnumSet$SerializationProxy;java.util.RegularEnumSet;java.util.JumboEnumSet;java.util.ImmutableCollections$*;"
          + "java.util.HashMap;java.util.HashMap$Node;java.util.HashSet;java.util.LinkedHashMap;java.util.LinkedHashSet;"
          + "java.util.LinkedList;java.util.Locale;java.util.Map$Entry;java.util.TreeMap;java.util.TreeSet;java.util.UUID";

  private final ObjectInputFilter filter;

  /**
   * @param patterns in the syntax of {@code ObjectInputFilter.Config.createFilter}, or empty
   * @throws IllegalArgumentException when they are not in that syntax
   */
  AllowedClasses(String patterns, Class<?> keyType, Class<?> valueType) {
    Set<String> types = new LinkedHashSet<>();
    addWithSuperclasses(types, keyType);
    addWithSuperclasses(types, valueType);
    StringBuilder all = new StringBuilder(LIMITS);
    if (!patterns.isBlank()) {
      all.append(';').append(patterns);
    }
    all.append(';').append(JDK);
    types.forEach(type -> all.append(';').append(type));
    this.filter = ObjectInputFilter.Config.createFilter(all.append(";!*").toString());
  }

  private static void addWithSuperclasses(Set<String> names, Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    for (Class<?> each = element;
        each != null && each != Object.class && !each.isPrimitive() && !each.isInterface();
        each = each.getSuperclass()) {
      names.add(each.getName());
    }
  }

  /**
   * @throws CacheException when the class may not be read
   */
  void check(Class<?> type) {
    if (filter.checkInput(new OneClass(type)) == ObjectInputFilter.Status.REJECTED) {
      throw refused(type);
    }
  }

  /** A filter for one stream, which says in its exception what it has refused. */
  ObjectInputFilter forStream() {
    return info -> {
      ObjectInputFilter.Status status = filter.checkInput(info);
      Class<?> type = info.serialClass();
      if (status == ObjectInputFilter.Status.REJECTED && type != null) {
        throw refused(type);
      }
      return status;
    };
  }

  private static CacheException refused(Class<?> type) {
    return new CacheException(
        type.getName()
            + " is not allowed in this cache: name it in the property "
            + ManagerSettings.ALLOWED_CLASSES
            + ", or as the type of the keys or values");
  }

  private record OneClass(Class<?> serialClass) implements ObjectInputFilter.FilterInfo {
    @Override
    public long arrayLength() {
      return -1;
    }

    @Override
    public long depth() {
      return 1;
    }

    @Override
    public long references() {
      return 1;
    }

    @Override
    public long streamBytes() {
      return 0;
    }
  }
}
