package io.howdah;

import java.util.Objects;
import java.util.function.Function;

/** Values that are stored as they are. */
final class RawCodec<V> implements Codec<V> {
  static final Codec<String> JSON =
      new RawCodec<>(Kind.JSON, Encoded::json, stored -> Objects.requireNonNull(stored.json()));
  static final Codec<byte[]> BYTES =
      new RawCodec<>(Kind.BYTES, Encoded::bytes, stored -> Objects.requireNonNull(stored.bytes()));

  static final Codec<Codec.Encoded> EITHER =
      new RawCodec<>(Kind.EITHER, value -> value, stored -> stored);

  private final Kind kind;
  private final Function<V, Encoded> encoder;
  private final Function<Encoded, V> decoder;

  private RawCodec(Kind kind, Function<V, Encoded> encoder, Function<Encoded, V> decoder) {
    this.kind = kind;
    this.encoder = encoder;
    this.decoder = decoder;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public Encoded encode(V value) {
    return encoder.apply(value);
  }

  @Override
  public V decode(Encoded stored) {
    return decoder.apply(stored);
  }
}
