package io.nuthatch.cache.jcache;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.WeakHashMap;
import javax.cache.CacheManager;
import javax.cache.configuration.OptionalFeature;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/// Nuthatch as a provider of JCache: `Caching.getCachingProvider()` finds it.
///
/// A manager belongs to a class loader and a URI. The URI only tells managers apart: nothing is read from it, as
/// caches are configured by a [TieredConfiguration].
public final class NuthatchProvider implements CachingProvider {
    private static final URI DEFAULT_URI = URI.create("nuthatch:default");

    /// Guarded by itself.
    private final Map<ClassLoader, Map<URI, JCaches>> managers = new WeakHashMap<>();

    @Override
    public CacheManager getCacheManager(
            @Nullable URI uri, @Nullable ClassLoader classLoader, @Nullable Properties properties) {
        URI name = uri == null ? getDefaultURI() : uri;
        ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
        synchronized (managers) {
            return managers.computeIfAbsent(loader, _ -> new HashMap<>())
                    .computeIfAbsent(
                            name,
                            _ -> new JCaches(this, name, loader, properties == null ? new Properties() : properties));
        }
    }

    @Override
    public CacheManager getCacheManager(@Nullable URI uri, @Nullable ClassLoader classLoader) {
        return getCacheManager(uri, classLoader, getDefaultProperties());
    }

    @Override
    public CacheManager getCacheManager() {
        return getCacheManager(getDefaultURI(), getDefaultClassLoader(), getDefaultProperties());
    }

    @Override
    public ClassLoader getDefaultClassLoader() {
        return NuthatchProvider.class.getClassLoader();
    }

    @Override
    public URI getDefaultURI() {
        return DEFAULT_URI;
    }

    @Override
    public Properties getDefaultProperties() {
        return new Properties();
    }

    @Override
    public boolean isSupported(OptionalFeature feature) {
        return switch (feature) {
            case STORE_BY_REFERENCE -> true;
        };
    }

    @Override
    public void close() {
        List<JCaches> all = new ArrayList<>();
        synchronized (managers) {
            managers.values().forEach(byUri -> all.addAll(byUri.values()));
            managers.clear();
        }
        all.forEach(JCaches::close);
    }

    @Override
    public void close(@Nullable ClassLoader classLoader) {
        ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
        Map<URI, JCaches> all;
        synchronized (managers) {
            all = managers.remove(loader);
        }
        if (all != null) {
            all.values().forEach(JCaches::close);
        }
    }

    @Override
    public void close(@Nullable URI uri, @Nullable ClassLoader classLoader) {
        JCaches closing = removed(
                uri == null ? getDefaultURI() : uri, classLoader == null ? getDefaultClassLoader() : classLoader);
        if (closing != null) {
            closing.close();
        }
    }

    private @Nullable JCaches removed(URI uri, ClassLoader loader) {
        synchronized (managers) {
            Map<URI, JCaches> byUri = managers.get(loader);
            JCaches removed = byUri == null ? null : byUri.remove(uri);
            if (byUri != null && byUri.isEmpty()) {
                managers.remove(loader);
            }
            return removed;
        }
    }

    /// A manager has closed: the next one of its name is a new one.
    void forget(JCaches closed) {
        synchronized (managers) {
            Map<URI, JCaches> byUri = managers.get(closed.getClassLoader());
            if (byUri != null && byUri.remove(closed.getURI(), closed) && byUri.isEmpty()) {
                managers.remove(closed.getClassLoader());
            }
        }
    }
}
