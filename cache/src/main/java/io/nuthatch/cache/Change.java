package io.nuthatch.cache;

/// A change of one key, on its way to the source of values.
///
/// @param <K> the keys
/// @param <V> the values
public sealed interface Change<K, V> {
    /// The key that changes.
    K key();

    /// A new value.
    record Put<K, V>(K key, V value) implements Change<K, V> {}

    /// No value any more.
    record Remove<K, V>(K key) implements Change<K, V> {}
}
