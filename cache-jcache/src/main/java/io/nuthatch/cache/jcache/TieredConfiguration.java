package io.nuthatch.cache.jcache;

import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.Codec;
import io.nuthatch.cache.Compression;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.Disk;
import io.nuthatch.cache.KeyText;
import io.nuthatch.cache.Redis;
import io.nuthatch.cache.Time;
import java.util.function.BiConsumer;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;

/// The configuration of a JCache cache, and which tiers it has. With any other configuration it has memory only,
/// for 10 000 entries.
///
/// ```java
/// manager.createCache("users", new TieredConfiguration<Long, User>()
///         .memory(50_000)
///         .redis(Redis.at("redis://localhost:6379"))
///         .setTypes(Long.class, User.class)
///         .setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(Duration.TEN_MINUTES)));
/// ```
///
/// What JCache has its own word for is said in that: the expiry policy, the loader, the writer.
///
/// @param <K> the keys
/// @param <V> the values
// The hash of the part that JCache knows serves the whole.
@SuppressWarnings("OverridesEquals")
public final class TieredConfiguration<K, V> extends MutableConfiguration<K, V> {
    private static final long MEMORY_ENTRIES = 10_000;

    private long memoryEntries = MEMORY_ENTRIES;
    private @Nullable Redis redis;
    private @Nullable Disk disk;
    private @Nullable Codec<V> codec;
    private @Nullable KeyText<K> keyText;
    private Compression compression = Compression.none();
    private int maxValueBytes;
    private Time time = Time.system();

    /// A cache in memory.
    public TieredConfiguration() {}

    private TieredConfiguration(CompleteConfiguration<K, V> other) {
        super(other);
        if (other instanceof TieredConfiguration<K, V> tiered) {
            memoryEntries = tiered.memoryEntries;
            redis = tiered.redis;
            disk = tiered.disk;
            codec = tiered.codec;
            keyText = tiered.keyText;
            compression = tiered.compression;
            maxValueBytes = tiered.maxValueBytes;
            time = tiered.time;
        }
    }

    /// The same as it is now, and not as it is changed later.
    static <K, V> TieredConfiguration<K, V> copyOf(Configuration<K, V> configuration) {
        if (configuration instanceof CompleteConfiguration<K, V> complete) {
            return new TieredConfiguration<>(complete);
        }
        TieredConfiguration<K, V> copy = new TieredConfiguration<>();
        copy.setTypes(configuration.getKeyType(), configuration.getValueType());
        copy.setStoreByValue(configuration.isStoreByValue());
        return copy;
    }

    /// Keeps up to so many entries in this process.
    public TieredConfiguration<K, V> memory(long maxEntries) {
        memoryEntries = maxEntries;
        return this;
    }

    /// Adds a tier in a RESP server.
    public TieredConfiguration<K, V> redis(Redis redis) {
        this.redis = redis;
        return this;
    }

    /// Adds a tier in a file.
    public TieredConfiguration<K, V> disk(Disk disk) {
        this.disk = disk;
        return this;
    }

    /// How values are turned into bytes: for the tiers below memory, and for the copies of a cache that stores by
    /// value. What fits the type of the values unless said.
    public TieredConfiguration<K, V> values(Codec<V> codec) {
        this.codec = codec;
        return this;
    }

    /// How keys are turned into text for the tiers below memory.
    public TieredConfiguration<K, V> keyText(KeyText<K> keyText) {
        this.keyText = keyText;
        return this;
    }

    /// How values are compressed below memory.
    public TieredConfiguration<K, V> compression(Compression compression) {
        this.compression = compression;
        return this;
    }

    /// Encoded values above this size stay in memory only.
    public TieredConfiguration<K, V> maxValueBytes(int maxValueBytes) {
        if (maxValueBytes < 1) {
            throw new ConfigurationException(
                    "maxValueBytes", "must be 1 or more, was " + maxValueBytes, "write .maxValueBytes(8 << 20)");
        }
        this.maxValueBytes = maxValueBytes;
        return this;
    }

    /// Where the time comes from: for tests, a [io.nuthatch.cache.ManualTime].
    public TieredConfiguration<K, V> time(Time time) {
        this.time = time;
        return this;
    }

    /// How values are turned into bytes, if they need be.
    @Nullable
    Codec<V> codec() {
        if (codec != null || redis == null && disk == null) {
            return codec;
        }
        if (getValueType().equals(Object.class)) {
            throw new ConfigurationException(
                    "values",
                    "the tiers below memory hold bytes, and nothing says how to make bytes of the values",
                    "write .setTypes(Long.class, User.class), or .values(codec)");
        }
        return Codec.of(getValueType());
    }

    /// The tiers.
    io.nuthatch.cache.Cache<K, V> build(String name, BiConsumer<K, V> whenExpired) {
        if (isReadThrough() && getCacheLoaderFactory() == null) {
            throw new ConfigurationException(
                    "readThrough", "there is no loader to read from", "write .setCacheLoaderFactory(...)");
        }
        if (isWriteThrough() && getCacheWriterFactory() == null) {
            throw new ConfigurationException(
                    "writeThrough", "there is no writer to write to", "write .setCacheWriterFactory(...)");
        }
        CacheBuilder<K, V> builder = io.nuthatch.cache.Cache.<K, V>builder(name)
                .memory(memoryEntries)
                .policy(Expiry.ETERNAL)
                .compression(compression)
                .time(time)
                .whenExpired(whenExpired);
        Codec<V> values = codec();
        if (values != null) {
            builder.values(values);
        }
        if (redis != null) {
            builder.redis(redis);
        }
        if (disk != null) {
            builder.disk(disk);
        }
        if (keyText != null) {
            builder.keyText(keyText);
        }
        if (maxValueBytes > 0) {
            builder.maxValueBytes(maxValueBytes);
        }
        return builder.build();
    }
}
