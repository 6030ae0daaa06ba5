package io.nuthatch.cache.jcache;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.Configuration;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/// The caches of one class loader and URI, by name.
final class JCaches implements CacheManager {
    private final NuthatchProvider provider;
    private final URI uri;
    private final ClassLoader classLoader;
    private final Properties properties;
    private final Map<String, JCache<?, ?>> caches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    JCaches(NuthatchProvider provider, URI uri, ClassLoader classLoader, Properties properties) {
        this.provider = provider;
        this.uri = uri;
        this.classLoader = classLoader;
        this.properties = properties;
    }

    @Override
    public CachingProvider getCachingProvider() {
        return provider;
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public ClassLoader getClassLoader() {
        return classLoader;
    }

    @Override
    public Properties getProperties() {
        return properties;
    }

    @Override
    public <K, V, C extends Configuration<K, V>> Cache<K, V> createCache(String name, C configuration) {
        checkOpen();
        Objects.requireNonNull(name, "name");
        TieredConfiguration<K, V> own = TieredConfiguration.copyOf(Objects.requireNonNull(configuration));
        // Built outside of the map's lock: a tier may take its time.
        if (caches.containsKey(name)) {
            throw exists(name);
        }
        JCache<K, V> cache = new JCache<>(this, name, own);
        if (caches.putIfAbsent(name, cache) != null) {
            cache.close();
            throw exists(name);
        }
        cache.registerBeans();
        return cache;
    }

    private static CacheException exists(String name) {
        return new CacheException("there is a cache of this name already: " + name);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <K, V> @Nullable Cache<K, V> getCache(String name, Class<K> keyType, Class<V> valueType) {
        checkOpen();
        Objects.requireNonNull(keyType, "keyType");
        Objects.requireNonNull(valueType, "valueType");
        JCache<?, ?> cache = caches.get(Objects.requireNonNull(name, "name"));
        if (cache != null) {
            cache.checkTypes(keyType, valueType);
        }
        return (Cache<K, V>) cache;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <K, V> @Nullable Cache<K, V> getCache(String name) {
        checkOpen();
        return (Cache<K, V>) caches.get(Objects.requireNonNull(name, "name"));
    }

    @Override
    public Iterable<String> getCacheNames() {
        checkOpen();
        return List.copyOf(caches.keySet());
    }

    @Override
    public void destroyCache(String name) {
        checkOpen();
        JCache<?, ?> cache = caches.get(Objects.requireNonNull(name, "name"));
        if (cache != null) {
            cache.destroy();
        }
    }

    /// A cache has closed.
    void forget(JCache<?, ?> cache) {
        caches.remove(cache.getName(), cache);
    }

    @Override
    public void enableManagement(String name, boolean enabled) {
        checkOpen();
        JCache<?, ?> cache = caches.get(Objects.requireNonNull(name, "name"));
        if (cache != null) {
            cache.enableManagement(enabled);
        }
    }

    @Override
    public void enableStatistics(String name, boolean enabled) {
        checkOpen();
        JCache<?, ?> cache = caches.get(Objects.requireNonNull(name, "name"));
        if (cache != null) {
            cache.enableStatistics(enabled);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the manager of caches is closed: " + uri);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            provider.forget(this);
            caches.values().forEach(JCache::close);
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new IllegalArgumentException("is no " + type);
    }
}
