package io.nuthatch.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.CacheStats.TierStats;
import io.nuthatch.cache.Redis;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.cache2k.Cache2kBuilder;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ExpiryPolicyBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.csc.CacheConfig;

/// The process that reads one cache and prints what a hit costs: the median over batches of the processor time of
/// the reading thread, in nanoseconds. For [CachesCommand].
final class CacheReads {
    private static final int WARM_BATCHES = 10;
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final String[] KEYS =
            IntStream.range(0, 1 << 12).mapToObj(i -> "user:" + i).toArray(String[]::new);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private CacheReads() {}

    /// What is read.
    enum Subject {
        /// Bounded, without expiry: the yardstick.
        CAFFEINE("Caffeine"),
        /// As an application would have it that wants a ttl.
        CAFFEINE_TTL("Caffeine, expireAfterWrite"),
        /// The memory tier alone, with a ttl.
        NUTHATCH("Nuthatch, memory"),
        /// With a ttl.
        CACHE2K("cache2k, expireAfterWrite"),
        /// With a ttl.
        EHCACHE("Ehcache, heap, ttl"),
        /// The memory tier over a server that it follows.
        NUTHATCH_NEAR("Nuthatch, memory following a server"),
        /// Jedis's cache, which follows a server.
        JEDIS_NEAR("Jedis, client-side cache", 50),
        /// Asking the server: the client's part of the work.
        JEDIS_GET("Jedis, GET over loopback", 500);

        final String title;
        /// About how many times as long as in memory a hit takes: a batch has as many times fewer.
        private final int slowness;

        Subject(String title) {
            this(title, 1);
        }

        Subject(String title, int slowness) {
            this.title = title;
            this.slowness = slowness;
        }
    }

    /// Reads so many times, key after key, and returns how many were hits. Each is a loop of its own, not one that
    /// is given a function to call: that function would be compiled apart from the loop, and Caffeine's code then
    /// takes 13 ns instead of 8.
    @FunctionalInterface
    private interface Loop {
        int read(int count);
    }

    /// @param arguments the subject, the port of a server, reads in a batch, batches
    public static void main(String... arguments) {
        Subject subject = Subject.valueOf(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        int reads = Integer.parseInt(arguments[2]) / subject.slowness;
        int batches = Integer.parseInt(arguments[3]);
        Loop loop = open(subject, port);
        // Filling a cache leaves its entries far apart, among what was made to make them. As in any process that has
        // run for a while, a collection puts together what is left.
        System.gc();
        for (int i = 0; i < WARM_BATCHES; i++) {
            batchNs(loop, reads);
        }
        double[] ns = new double[batches];
        for (int i = 0; i < batches; i++) {
            ns[i] = batchNs(loop, reads);
        }
        Arrays.sort(ns);
        System.out.println(ns[batches / 2]);
        // Pools and connections end with the process.
        System.exit(0);
    }

    private static double batchNs(Loop loop, int reads) {
        long startNs = THREADS.getCurrentThreadCpuTime();
        int hits = loop.read(reads);
        double spentNs = THREADS.getCurrentThreadCpuTime() - startNs;
        if (hits != reads) {
            throw new IllegalStateException("not all were hits: reads=" + reads + " hits=" + hits);
        }
        return spentNs / reads;
    }

    private static Loop open(Subject subject, int port) {
        return switch (subject) {
            case CAFFEINE -> caffeine(Caffeine.newBuilder());
            case CAFFEINE_TTL -> caffeine(Caffeine.newBuilder().expireAfterWrite(TTL));
            case NUTHATCH -> nuthatch(builder("memory").build());
            case CACHE2K -> cache2k();
            case EHCACHE -> ehcache();
            case NUTHATCH_NEAR ->
                nuthatchNear(builder("near").redis("redis://127.0.0.1:" + port).build());
            case JEDIS_NEAR ->
                jedis(RedisClient.builder()
                        .hostAndPort("127.0.0.1", port)
                        .clientConfig(DefaultJedisClientConfig.builder().resp3().build())
                        .cacheConfig(
                                CacheConfig.builder().maxSize(2 * KEYS.length).build())
                        .build());
            case JEDIS_GET ->
                jedis(RedisClient.builder().hostAndPort("127.0.0.1", port).build());
        };
    }

    private static CacheBuilder<String, String> builder(String name) {
        return Cache.<String, String>builder(name)
                .memory(2 * KEYS.length)
                .values(String.class)
                .ttl(TTL);
    }

    private static Loop caffeine(Caffeine<Object, Object> builder) {
        com.github.benmanes.caffeine.cache.Cache<String, String> cache =
                builder.maximumSize(2 * KEYS.length).build();
        fill(cache::put);
        return count -> {
            int hits = 0;
            for (int i = 0; i < count; i++) {
                hits += cache.getIfPresent(key(i)) == null ? 0 : 1;
            }
            return hits;
        };
    }

    private static Loop nuthatch(Cache<String, String> cache) {
        fill(cache::put);
        return count -> {
            int hits = 0;
            for (int i = 0; i < count; i++) {
                hits += cache.get(key(i)) == null ? 0 : 1;
            }
            return hits;
        };
    }

    /// Waits until memory serves by itself.
    private static Loop nuthatchNear(Cache<String, String> cache) {
        Loop loop = nuthatch(cache);
        while (true) {
            TierStats before = cache.stats().tier(Redis.NAME);
            loop.read(KEYS.length);
            TierStats after = cache.stats().tier(Redis.NAME);
            if (cache.health().isUp() && before.hits() + before.misses() == after.hits() + after.misses()) {
                return loop;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static Loop cache2k() {
        org.cache2k.Cache<String, String> cache = Cache2kBuilder.of(String.class, String.class)
                .entryCapacity(2L * KEYS.length)
                .expireAfterWrite(TTL.toMinutes(), TimeUnit.MINUTES)
                .build();
        fill(cache::put);
        return count -> {
            int hits = 0;
            for (int i = 0; i < count; i++) {
                hits += cache.peek(key(i)) == null ? 0 : 1;
            }
            return hits;
        };
    }

    private static Loop ehcache() {
        var configuration = CacheConfigurationBuilder.newCacheConfigurationBuilder(
                        String.class, String.class, ResourcePoolsBuilder.heap(2L * KEYS.length))
                .withExpiry(ExpiryPolicyBuilder.timeToLiveExpiration(TTL));
        org.ehcache.Cache<String, String> cache = Objects.requireNonNull(CacheManagerBuilder.newCacheManagerBuilder()
                .withCache("users", configuration)
                .build(true)
                .getCache("users", String.class, String.class));
        fill(cache::put);
        return count -> {
            int hits = 0;
            for (int i = 0; i < count; i++) {
                hits += cache.get(key(i)) == null ? 0 : 1;
            }
            return hits;
        };
    }

    private static Loop jedis(RedisClient client) {
        fill(client::set);
        return count -> {
            int hits = 0;
            for (int i = 0; i < count; i++) {
                hits += client.get(key(i)) == null ? 0 : 1;
            }
            return hits;
        };
    }

    private static void fill(BiConsumer<String, String> put) {
        for (String key : KEYS) {
            put.accept(key, "value of " + key);
        }
    }

    private static String key(int i) {
        return KEYS[i & KEYS.length - 1];
    }
}
