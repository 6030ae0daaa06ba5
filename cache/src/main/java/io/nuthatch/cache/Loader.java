package io.nuthatch.cache;

import org.jspecify.annotations.Nullable;

/// The source of values: asked for a key that no tier holds.
///
/// Runs on the thread that reads when nothing else is asked of it, on a virtual thread when the policy has
/// timeouts, for refreshing and for asynchronous reads. For one key only one load runs at a time.
///
/// @param <K> the keys
/// @param <V> the values
@FunctionalInterface
public interface Loader<K, V> {
    /// The value of a key; null when the source has none, which is remembered for the policy's `negativeTtl`.
    @Nullable
    V load(K key) throws Exception;
}
