package io.nuthatch.cache;

import org.jspecify.annotations.Nullable;

/// A source that says more than a value: that nothing changed, how long to keep the value, under which tags.
///
/// @param <K> the keys
/// @param <V> the values
@FunctionalInterface
public interface Source<K, V> {
    /// Asks the source. What it knows of the entry so far is in the question.
    Loaded<V> load(K key, Known<V> known) throws Exception;

    /// What a cache knows of an entry it wants to load again.
    ///
    /// @param value the stale value; null when there is none
    /// @param validator what the source gave with it: an ETag, a version, a time of change
    /// @param policy the policy of the read, to derive another one from
    record Known<V>(@Nullable V value, @Nullable String validator, Policy policy) {}
}
