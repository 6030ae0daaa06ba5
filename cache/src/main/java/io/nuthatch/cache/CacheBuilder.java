package io.nuthatch.cache;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// Describes a [Cache]. What makes no sense is refused by [#build()], with the option's name and a remedy.
///
/// @param <K> the keys
/// @param <V> the values
public final class CacheBuilder<K, V> {
    private static final long DEFAULT_ENTRIES = 10_000;
    private static final Duration DEFAULT_TTL = Duration.ofMinutes(5);
    private static final int DEFAULT_MAX_VALUE_BYTES = 8 << 20;

    private final String name;
    private long memoryEntries = DEFAULT_ENTRIES;
    private Policy policy = Policy.ofTtl(DEFAULT_TTL);
    private @Nullable Source<K, V> source;
    private @Nullable BulkLoader<K, V> bulkLoader;
    private @Nullable Writer<K, V> writer;
    private @Nullable Store<K, V> store;
    private @Nullable WriteBehind writeBehind;
    private @Nullable Codec<K> keys;
    private Step.Listener steps = Step.Listener.NONE;
    private @Nullable Codec<V> codec;
    private KeyText<K> keyText = KeyText.standard();
    private Compression compression = Compression.none();
    private int maxValueBytes = DEFAULT_MAX_VALUE_BYTES;
    private @Nullable Redis redis;
    private @Nullable Disk disk;
    private final List<OwnTier> tiers = new ArrayList<>();
    private BiConsumer<? super K, ? super V> whenExpired = (key, value) -> {};
    private Time time = Time.system();
    private @Nullable ExecutorService executor;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    private record OwnTier(Tier tier, Guard guard) {}

    CacheBuilder(String name) {
        this.name = name;
    }

    /// The name of the cache to be.
    public String name() {
        return name;
    }

    /// Keeps up to so many entries in this process. 10 000 unless said.
    public CacheBuilder<K, V> memory(long maxEntries) {
        memoryEntries = maxEntries;
        return this;
    }

    /// Adds a tier in a RESP server, followed by memory.
    public CacheBuilder<K, V> redis(String uri) {
        return redis(Redis.at(uri));
    }

    /// Adds a tier in a RESP server.
    public CacheBuilder<K, V> redis(Redis redis) {
        this.redis = redis;
        return this;
    }

    /// Adds a tier in a file of this process.
    public CacheBuilder<K, V> disk(Path directory) {
        return disk(Disk.in(directory));
    }

    /// Adds a tier in a file of this process.
    public CacheBuilder<K, V> disk(Disk disk) {
        this.disk = disk;
        return this;
    }

    /// Adds a tier of your own, below those of the library.
    public CacheBuilder<K, V> tier(Tier tier) {
        return tier(tier, Guard.DEFAULT);
    }

    /// Adds a tier of your own, below those of the library, with more or less patience than usual.
    public CacheBuilder<K, V> tier(Tier tier, Guard guard) {
        tiers.add(new OwnTier(tier, guard));
        return this;
    }

    /// How values are turned into bytes, by their type: needed as soon as there is a tier below memory.
    public CacheBuilder<K, V> values(Class<V> type) {
        return values(Codec.of(type));
    }

    /// How values are turned into bytes.
    public CacheBuilder<K, V> values(Codec<V> codec) {
        this.codec = codec;
        return this;
    }

    /// How keys are turned into text for the tiers below memory. Strings, numbers, enums, UUIDs and records need
    /// none.
    public CacheBuilder<K, V> keyText(KeyText<K> keyText) {
        this.keyText = keyText;
        return this;
    }

    /// How values are compressed below memory. Not at all unless said.
    public CacheBuilder<K, V> compression(Compression compression) {
        this.compression = compression;
        return this;
    }

    /// Encoded values above this size stay in memory only. 8 MiB unless said.
    public CacheBuilder<K, V> maxValueBytes(int maxValueBytes) {
        this.maxValueBytes = maxValueBytes;
        return this;
    }

    /// How long values are fresh. Five minutes unless said.
    public CacheBuilder<K, V> ttl(Duration ttl) {
        policy = policy.ttl(ttl);
        return this;
    }

    /// How entries are kept and loaded, unless a view or the source says otherwise.
    public CacheBuilder<K, V> policy(Policy policy) {
        this.policy = policy;
        return this;
    }

    /// Where values come from that no tier has.
    public CacheBuilder<K, V> loader(Loader<? super K, ? extends V> loader) {
        source = BlockingView.sourceOf(loader);
        return this;
    }

    /// Where values come from, from a source that says more than the value.
    public CacheBuilder<K, V> source(Source<K, V> source) {
        this.source = source;
        return this;
    }

    /// Where many values come from at once. Single keys are asked of it too when there is no other loader.
    public CacheBuilder<K, V> bulkLoader(BulkLoader<K, V> bulkLoader) {
        this.bulkLoader = bulkLoader;
        return this;
    }

    /// Where changes go before the tiers see them.
    public CacheBuilder<K, V> writer(Writer<K, V> writer) {
        this.writer = writer;
        return this;
    }

    /// What to do with values whose time is over as they leave memory: when somebody asks for them, when they are
    /// replaced, or when they are swept out, which happens now and then as others are written.
    public CacheBuilder<K, V> whenExpired(BiConsumer<? super K, ? super V> whenExpired) {
        this.whenExpired = whenExpired;
        return this;
    }

    /// A store that is loader, bulk loader and writer: reads that no tier can answer go to it, and changes go to
    /// it before the tiers see them. The cache closes it.
    public CacheBuilder<K, V> store(Store<K, V> store) {
        this.store = store;
        return this;
    }

    /// Changes do not wait for the store: they are safe in a journal, and reach it in batches.
    public CacheBuilder<K, V> writeBehind(WriteBehind writeBehind) {
        this.writeBehind = writeBehind;
        return this;
    }

    /// How keys are turned into bytes and back, by their type: needed to write behind.
    public CacheBuilder<K, V> keys(Class<K> type) {
        return keys(Codec.of(type));
    }

    /// How keys are turned into bytes and back.
    public CacheBuilder<K, V> keys(Codec<K> codec) {
        keys = codec;
        return this;
    }

    /// Who is told of each step of a change on its way to the store: for tests of crashes.
    CacheBuilder<K, V> steps(Step.Listener steps) {
        this.steps = steps;
        return this;
    }

    /// Where loads and asynchronous calls run: virtual threads unless said. The cache shuts it down when it
    /// closes.
    public CacheBuilder<K, V> executor(ExecutorService executor) {
        this.executor = executor;
        return this;
    }

    /// Where the time comes from: for tests, a [ManualTime].
    public CacheBuilder<K, V> time(Time time) {
        this.time = time;
        return this;
    }

    /// Where chance comes from, numbers from 0 to 1: for tests of jitter.
    CacheBuilder<K, V> random(DoubleSupplier random) {
        this.random = random;
        return this;
    }

    /// Builds the cache. Tiers that are not there yet join when they are.
    public Cache<K, V> build() {
        check();
        Writer<K, V> writer = writer();
        try {
            return build(writer);
        } catch (RuntimeException e) {
            if (writer instanceof QueuedWriter<K, V> queued) {
                queued.abandon();
            }
            throw e;
        }
    }

    private Cache<K, V> build(@Nullable Writer<K, V> writer) {
        Timeline timeline = new Timeline(memoryEntries);
        RespTier resp = redis == null
                ? null
                : new RespTier(name, redis, timeline, time, policy.ttl().toMillis());
        List<GuardedTier> lower = lowerTiers(resp, timeline);
        ExecutorService executors = executor == null ? virtualThreads() : executor;
        Core<K, V> core = new Core<>(new Core.Parts<>(
                name,
                policy,
                time,
                timeline,
                random,
                executors,
                new MemoryTier<>(memoryEntries, time, executors, whenExpired),
                lower,
                resp != null && resp.follows() ? lower.getFirst() : null,
                keyText,
                new Packer<>(name, codecOrRefusing(), compression, maxValueBytes),
                source(),
                store == null ? bulkLoader : store::findAll,
                writer));
        if (resp != null) {
            resp.start();
        }
        if (writer != null) {
            writer.start(core::forgetDoubtful);
        }
        return new BlockingView<>(core, policy);
    }

    private List<GuardedTier> lowerTiers(@Nullable RespTier resp, Timeline timeline) {
        List<GuardedTier> lower = new ArrayList<>();
        if (resp != null && redis != null) {
            lower.add(new GuardedTier(resp, redis.guard(), time));
        }
        if (disk != null) {
            Timeline followed = resp != null && resp.follows() ? timeline : null;
            lower.add(new GuardedTier(new DiskTier(name, disk, time, followed), disk.guard(), time));
        }
        tiers.forEach(own -> lower.add(new GuardedTier(own.tier(), own.guard(), time)));
        return List.copyOf(lower);
    }

    private Set<String> tierNames() {
        Set<String> names = new HashSet<>(Set.of(MemoryTier.NAME));
        if (redis != null) {
            names.add(Redis.NAME);
        }
        if (disk != null) {
            names.add(Disk.NAME);
        }
        for (OwnTier own : tiers) {
            if (!names.add(own.tier().name())) {
                throw new ConfigurationException(
                        "tier", "two tiers have the name " + own.tier().name(), "name each differently");
            }
        }
        return names;
    }

    private ExecutorService virtualThreads() {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("cache-" + name + "-", 0).factory());
    }

    private @Nullable Source<K, V> source() {
        if (store != null) {
            return BlockingView.sourceOf(store::find);
        }
        BulkLoader<K, V> bulk = bulkLoader;
        if (source != null || bulk == null) {
            return source;
        }
        return (key, known) -> Loaded.ofNullable(bulk.loadAll(Set.of(key)).get(key));
    }

    private @Nullable Writer<K, V> writer() {
        if (store == null) {
            return writer;
        }
        if (writeBehind == null || keys == null || codec == null) {
            return new WriteThrough<>(store);
        }
        return new QueuedWriter<>(name, store, writeBehind, keys, codec, time, steps);
    }

    private Codec<V> codecOrRefusing() {
        if (codec != null) {
            return codec;
        }
        return new Codec<>() {
            @Override
            public byte[] encode(V value) {
                throw new IllegalStateException("no codec, and yet a tier below memory");
            }

            @Override
            public V decode(byte[] bytes) {
                throw new IllegalStateException("no codec, and yet a tier below memory");
            }
        };
    }

    private void check() {
        if (name.isBlank()) {
            throw new ConfigurationException("name", "must not be blank", "name the cache after what it holds");
        }
        if (memoryEntries < 1) {
            throw new ConfigurationException(
                    "memory", "must be 1 entry or more, was " + memoryEntries, "write .memory(10_000)");
        }
        if (maxValueBytes < 1) {
            throw new ConfigurationException(
                    "maxValueBytes", "must be 1 or more, was " + maxValueBytes, "write .maxValueBytes(8 << 20)");
        }
        Set<String> names = tierNames();
        if (names.size() > 1 && codec == null) {
            throw new ConfigurationException(
                    "values",
                    "the tiers below memory hold bytes, and nothing says how to make bytes of the values",
                    "write .values(User.class), or .values(codec)");
        }
        if (redis != null && redis.format() == Redis.Format.RAW && !compression.isNone()) {
            throw new ConfigurationException(
                    "compression",
                    "bare values cannot be read when they are compressed",
                    "leave it out, or use .format(Format.FRAMED)");
        }
        policy.consistent();
        checkTierTtls(names);
        checkStore();
    }

    private void checkStore() {
        checkWriteBehind();
        if (store != null && writer != null) {
            throw new ConfigurationException(
                    "writer", "the store takes the changes already", "leave .writer() out, or .store()");
        }
        if (store != null && (source != null || bulkLoader != null)) {
            throw new ConfigurationException(
                    "loader", "the store is the loader already", "leave .loader(), .source() and .bulkLoader() out");
        }
    }

    private void checkWriteBehind() {
        if (writeBehind == null) {
            return;
        }
        writeBehind.consistent();
        if (store == null) {
            throw new ConfigurationException(
                    "writeBehind", "there is no store to write to", "write .store(store), or leave it out");
        }
        if (keys == null) {
            throw new ConfigurationException(
                    "keys",
                    "the journal holds bytes, and nothing says how to make bytes of the keys",
                    "write .keys(Long.class), or .keys(codec)");
        }
        if (codec == null) {
            throw new ConfigurationException(
                    "values",
                    "the journal holds bytes, and nothing says how to make bytes of the values",
                    "write .values(User.class), or .values(codec)");
        }
    }

    private void checkTierTtls(Set<String> names) {
        policy.tierTtls().forEach((tier, limit) -> {
            if (!names.contains(tier)) {
                throw new ConfigurationException("tierTtl", "there is no tier " + tier, "name a tier of this cache");
            }
            if (limit.compareTo(policy.ttl()) > 0) {
                throw new ConfigurationException(
                        "tierTtl",
                        "tier " + tier + " may serve for " + limit + ", and nothing is fresh longer than the ttl of "
                                + policy.ttl(),
                        "raise ttl, or leave the tier's out");
            }
        });
    }
}
