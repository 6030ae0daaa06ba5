package io.nuthatch.cache;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A [Cache] whose callers do not wait. What is in memory is answered at once; all else is done on virtual
/// threads.
///
/// A stage fails with the [CacheException] that the blocking method would throw.
///
/// @param <K> the keys
/// @param <V> the values
public interface AsyncCache<K, V> {
    /// See [Cache#get(Object)].
    CompletionStage<@Nullable V> get(K key);

    /// See [Cache#get(Object, Loader)].
    CompletionStage<@Nullable V> get(K key, Loader<? super K, ? extends V> loader);

    /// See [Cache#lookup(Object)].
    CompletionStage<Lookup<V>> lookup(K key);

    /// See [Cache#getAll(Collection)].
    CompletionStage<Map<K, V>> getAll(Collection<? extends K> keys);

    /// See [Cache#put(Object, Object)].
    CompletionStage<@Nullable Void> put(K key, @Nullable V value);

    /// See [Cache#putAll(Map)].
    CompletionStage<@Nullable Void> putAll(Map<? extends K, ? extends V> values);

    /// See [Cache#remove(Object)].
    CompletionStage<@Nullable Void> remove(K key);

    /// See [Cache#removeAll(Collection)].
    CompletionStage<@Nullable Void> removeAll(Collection<? extends K> keys);

    /// See [Cache#expire(Object)].
    CompletionStage<@Nullable Void> expire(K key);

    /// See [Cache#invalidateTag(String)].
    CompletionStage<@Nullable Void> invalidateTag(String tag);

    /// See [Cache#clear()].
    CompletionStage<@Nullable Void> clear();

    /// See [Cache#warm(Collection)].
    CompletionStage<@Nullable Void> warm(Collection<? extends K> keys);
}
