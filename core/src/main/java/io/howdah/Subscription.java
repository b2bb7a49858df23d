package io.howdah;

/** Something that goes on until it is closed. To close it twice does no harm. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  @Override
  void close();
}
