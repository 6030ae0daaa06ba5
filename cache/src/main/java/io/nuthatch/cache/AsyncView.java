package io.nuthatch.cache;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A cache for callers that do not wait: hits in memory at once, all else on the cache's executor.
record AsyncView<K, V>(BlockingView<K, V> cache) implements AsyncCache<K, V> {
    private Executor executor() {
        return cache.core().parts.executor();
    }

    private CompletionStage<@Nullable Void> run(Runnable work) {
        return CompletableFuture.<@Nullable Void>supplyAsync(
                () -> {
                    work.run();
                    return null;
                },
                executor());
    }

    @Override
    public CompletionStage<@Nullable V> get(K key) {
        return cache.core().getAsync(key, cache.policy(), cache.source());
    }

    @Override
    public CompletionStage<@Nullable V> get(K key, Loader<? super K, ? extends V> loader) {
        return cache.core().getAsync(key, cache.policy(), BlockingView.sourceOf(loader));
    }

    @Override
    public CompletionStage<Lookup<V>> lookup(K key) {
        return CompletableFuture.supplyAsync(() -> cache.lookup(key), executor());
    }

    @Override
    public CompletionStage<Map<K, V>> getAll(Collection<? extends K> keys) {
        return CompletableFuture.supplyAsync(() -> cache.getAll(keys), executor());
    }

    @Override
    public CompletionStage<@Nullable Void> put(K key, @Nullable V value) {
        return run(() -> cache.put(key, value));
    }

    @Override
    public CompletionStage<@Nullable Void> putAll(Map<? extends K, ? extends V> values) {
        return run(() -> cache.putAll(values));
    }

    @Override
    public CompletionStage<@Nullable Void> remove(K key) {
        return run(() -> cache.remove(key));
    }

    @Override
    public CompletionStage<@Nullable Void> removeAll(Collection<? extends K> keys) {
        return run(() -> cache.removeAll(keys));
    }

    @Override
    public CompletionStage<@Nullable Void> expire(K key) {
        return run(() -> cache.expire(key));
    }

    @Override
    public CompletionStage<@Nullable Void> invalidateTag(String tag) {
        return run(() -> cache.invalidateTag(tag));
    }

    @Override
    public CompletionStage<@Nullable Void> clear() {
        return run(cache::clear);
    }

    @Override
    public CompletionStage<@Nullable Void> warm(Collection<? extends K> keys) {
        return run(() -> cache.warm(keys));
    }
}
