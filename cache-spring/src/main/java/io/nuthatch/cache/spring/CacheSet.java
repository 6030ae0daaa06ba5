package io.nuthatch.cache.spring;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.ConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// All caches of an application, by name, and how each is built. Those of `@Cacheable` and those of `@Cached` are
/// built by others and stand here together, for health and meters.
final class CacheSet {
    private final CacheProperties properties;
    private final List<CacheCustomizer> customizers;
    private final Map<String, Cache<?, ?>> caches = new ConcurrentHashMap<>();
    private final List<Consumer<Cache<?, ?>>> observers = new CopyOnWriteArrayList<>();

    CacheSet(CacheProperties properties, List<CacheCustomizer> customizers) {
        this.properties = properties;
        this.customizers = customizers;
        // What makes no sense is refused when the application starts, not when a cache is first used.
        properties.caches().keySet().forEach(name -> properties.of(name).apply(Cache.builder(name)));
    }

    CacheProperties properties() {
        return properties;
    }

    /// Tells a builder what properties and customizers say of its cache.
    <K, V> CacheBuilder<K, V> configure(CacheBuilder<K, V> builder) {
        properties.of(builder.name()).apply(builder);
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder;
    }

    /// Adds a cache, unless it is there already.
    synchronized void add(Cache<?, ?> cache) {
        Cache<?, ?> known = caches.putIfAbsent(cache.name(), cache);
        if (known == null) {
            observers.forEach(observer -> observer.accept(cache));
        } else if (known != cache) {
            throw new ConfigurationException(
                    "cache",
                    "both @Cached and @Cacheable use one of the name " + cache.name(),
                    "give them different names");
        }
    }

    /// Those there are so far.
    List<Cache<?, ?>> all() {
        return new ArrayList<>(caches.values());
    }

    /// Shows every cache there is and every one to come.
    synchronized void observe(Consumer<Cache<?, ?>> observer) {
        observers.add(observer);
        caches.values().forEach(observer);
    }
}
