package io.nuthatch.cache.jcache;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import org.jspecify.annotations.Nullable;

/// The loader, if there is one.
///
/// @param always whether reads ask it, and not only `loadAll`
record ReadThrough<K, V>(@Nullable CacheLoader<K, V> loader, boolean always) implements AutoCloseable {
    /// The value of a key that a read has missed.
    @Nullable
    V load(K key) {
        if (loader == null || !always) {
            return null;
        }
        try {
            return loader.load(key);
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    /// The values of keys, of those that have one.
    Map<K, V> loadAll(Set<? extends K> keys) {
        if (loader == null || keys.isEmpty()) {
            return Map.of();
        }
        try {
            Map<K, V> found = new HashMap<>();
            loader.loadAll(keys).forEach((key, value) -> {
                if (value != null) {
                    found.put(key, value);
                }
            });
            return found;
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    private static CacheLoaderException failed(RuntimeException e) {
        return e instanceof CacheLoaderException own ? own : new CacheLoaderException("the loader failed", e);
    }

    @Override
    public void close() {
        Closing.close(loader);
    }
}
