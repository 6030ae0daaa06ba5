package io.nuthatch.cache.spring;

import io.nuthatch.cache.CacheException;
import io.nuthatch.cache.Lookup;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.support.SimpleValueWrapper;

/// A cache as Spring knows it. That a key has no value is kept too: Spring sees a null that is there.
///
/// @param tiers keys and values of any type
record TieredCache(io.nuthatch.cache.Cache<Object, Object> tiers) implements Cache {
    @Override
    public String getName() {
        return tiers.name();
    }

    @Override
    public io.nuthatch.cache.Cache<Object, Object> getNativeCache() {
        return tiers;
    }

    @Override
    public @Nullable ValueWrapper get(Object key) {
        Object value = tiers.get(key);
        return value != null ? new SimpleValueWrapper(value) : known(tiers.lookup(key));
    }

    private static @Nullable ValueWrapper known(Lookup<Object> lookup) {
        return switch (lookup) {
            case Lookup.Hit<Object> hit -> new SimpleValueWrapper(hit.value());
            case Lookup.Negative<Object> _ -> new SimpleValueWrapper(null);
            case Lookup.Stale<Object> _, Lookup.Miss<Object> _ -> null;
        };
    }

    @Override
    public <T> @Nullable T get(Object key, @Nullable Class<T> type) {
        Object value = tiers.get(key);
        if (value == null || type == null || type.isInstance(value)) {
            @SuppressWarnings("unchecked")
            T cast = (T) value;
            return cast;
        }
        throw new IllegalStateException("the value of " + key + " in cache " + getName() + " is a "
                + value.getClass().getName() + ", no " + type.getName());
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T get(Object key, Callable<T> source) {
        try {
            return (T) tiers.get(key, _ -> source.call());
        } catch (CacheException.LoadFailed e) {
            throw new ValueRetrievalException(key, source, e.getCause() == null ? e : e.getCause());
        }
    }

    @Override
    public CompletableFuture<? extends @Nullable Object> retrieve(Object key) {
        CompletableFuture<@Nullable Object> value = tiers.async().get(key).toCompletableFuture();
        return value.thenCompose(found -> found != null
                ? CompletableFuture.completedFuture(new SimpleValueWrapper(found))
                : tiers.async().lookup(key).thenApply(TieredCache::known));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> source) {
        return (CompletableFuture<T>) tiers.async()
                .get(key, _ -> source.get().join())
                .exceptionallyCompose(TieredCache::failed)
                .toCompletableFuture();
    }

    /// As the source failed.
    private static <V> CompletableFuture<V> failed(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof CacheException.LoadFailed)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return CompletableFuture.failedFuture(cause);
    }

    @Override
    public void put(Object key, @Nullable Object value) {
        tiers.put(key, value);
    }

    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        AtomicBoolean wasAbsent = new AtomicBoolean();
        Object present = tiers.get(key, _ -> {
            wasAbsent.set(true);
            return value;
        });
        return wasAbsent.get() ? null : new SimpleValueWrapper(present);
    }

    @Override
    public void evict(Object key) {
        tiers.remove(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        boolean wasPresent = known(tiers.lookup(key)) != null;
        tiers.remove(key);
        return wasPresent;
    }

    @Override
    public void clear() {
        tiers.clear();
    }

    @Override
    public boolean invalidate() {
        boolean held = tiers.entries().findAny().isPresent();
        tiers.clear();
        return held;
    }
}
