package io.nuthatch.cache.spring;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// What an application says of its caches: `nuthatch.cache.defaults.*` for all, `nuthatch.cache.caches.<name>.*`
/// for one.
///
/// ```properties
/// nuthatch.cache.defaults.redis=redis://localhost:6379
/// nuthatch.cache.caches.users.ttl=10m
/// nuthatch.cache.caches.users.values=com.example.User
/// ```
///
/// @param defaults what holds for every cache that says nothing else
/// @param caches what holds for a cache, by its name
@ConfigurationProperties("nuthatch.cache")
public record CacheProperties(CacheOptions defaults, Map<String, CacheOptions> caches) {
    /// Nothing said is nothing set.
    public CacheProperties(@Nullable CacheOptions defaults, @Nullable Map<String, CacheOptions> caches) {
        this.defaults = defaults == null ? CacheOptions.NONE : defaults;
        this.caches = caches == null ? Map.of() : Map.copyOf(caches);
    }

    /// What holds for a cache.
    CacheOptions of(String name) {
        return caches.getOrDefault(name, CacheOptions.NONE).or(defaults);
    }
}
