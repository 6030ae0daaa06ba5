package io.nuthatch.cache.spring;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.Codec;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.KeyText;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.SimpleKey;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.type.TypeFactory;

/// The caches behind `@Cacheable`, built as they are asked for.
final class TieredCaches implements CacheManager, AutoCloseable {
    private static final KeyText<Object> TEXT = KeyText.standard();

    private final CacheSet set;
    private final ClassLoader classLoader;
    private final Map<String, TieredCache> caches = new ConcurrentHashMap<>();

    /// @param classLoader knows the classes of the values
    TieredCaches(CacheSet set, ClassLoader classLoader) {
        this.set = set;
        this.classLoader = classLoader;
        set.properties().caches().values().forEach(options -> {
            if (options.values() != null) {
                codec(options.values());
            }
        });
    }

    @Override
    public TieredCache getCache(String name) {
        return caches.computeIfAbsent(name, this::build);
    }

    private TieredCache build(String name) {
        CacheBuilder<Object, Object> builder =
                Cache.<Object, Object>builder(name).keyText(TieredCaches::textOf);
        CacheOptions options = set.properties().of(name);
        if (options.values() != null) {
            builder.values(codec(options.values()));
        } else if (options.hasLowerTier()) {
            throw new ConfigurationException(
                    "nuthatch.cache.caches." + name + ".values",
                    "the tiers below memory hold bytes, and nothing says how to make bytes of the values",
                    "name their type: com.example.User, or java.util.List<com.example.User>");
        }
        Cache<Object, Object> cache = set.configure(builder).build();
        try {
            set.add(cache);
        } catch (ConfigurationException e) {
            cache.close();
            throw e;
        }
        return new TieredCache(cache);
    }

    private Codec<Object> codec(String type) {
        Type values;
        try {
            values = TypeFactory.createDefaultInstance()
                    .withClassLoader(classLoader)
                    .constructFromCanonical(type);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("values", "is no type: " + type, "write com.example.User");
        }
        return Codec.json(new TypeReference<>() {
            @Override
            public Type getType() {
                return values;
            }
        });
    }

    private static String textOf(Object key) {
        if (!(key instanceof SimpleKey)) {
            return TEXT.of(key);
        }
        if (key.equals(SimpleKey.EMPTY)) {
            return "()";
        }
        // Its own text does not tell ("a,b") from ("a", "b").
        throw new IllegalArgumentException(
                "no text is known for a key of several arguments; write @Cacheable(keyGenerator" + " = \""
                        + TextKeys.NAME + "\"), or a key: @Cacheable(key = \"#id\")");
    }

    @Override
    public Collection<String> getCacheNames() {
        // Not those that only properties name: they may be caches of @Cached.
        return new TreeSet<>(caches.keySet());
    }

    @Override
    public void close() {
        caches.values().forEach(cache -> cache.getNativeCache().close());
    }
}
