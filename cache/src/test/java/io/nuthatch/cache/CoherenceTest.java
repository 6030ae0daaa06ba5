package io.nuthatch.cache;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.Redis.Format;
import io.nuthatch.cache.Redis.Tracking;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two caches and a program that is none change the same keys at random, while connections are cut.
///
/// The versions of a key only grow in the server. So a reader that sees one go back has been given something older
/// than an invalidation that was delivered before; and a reader that stays behind when all is quiet has missed
/// one.
class CoherenceTest {
    private static final int KEYS = 40;
    private static final int READERS = 1;
    private static final int CHANGES = Boolean.getBoolean("nuthatch.long") ? 1_000_000 : 1_500;
    private static final int CUTS = 5;

    private static RedisProcess redis;

    private volatile boolean written;
    private final AtomicLongArray versions = new AtomicLongArray(KEYS);
    private final List<ReentrantLock> locks =
            IntStream.range(0, KEYS).mapToObj(i -> new ReentrantLock()).toList();

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void flush() {
        redis.call("FLUSHALL");
    }

    private static Cache<Integer, Long> cache(Tracking tracking) {
        Redis options = Redis.at(redis.uri())
                .tracking(tracking)
                .format(Format.RAW)
                .guard(new Guard(ofSeconds(10), 5, ofMillis(10)));
        return Cache.<Integer, Long>builder("versions")
                .values(Long.class)
                .ttl(ofHours(1))
                .redis(options)
                .build();
    }

    /// Reads at random and keeps what went back.
    private List<String> read(Cache<Integer, Long> cache, long seed) {
        Random random = new Random(seed);
        long[] seen = new long[KEYS];
        List<String> wentBack = new ArrayList<>();
        for (int i = 0; !written; i++) {
            int key = random.nextInt(KEYS);
            Long version = cache.get(key);
            if (version != null) {
                if (version < seen[key]) {
                    wentBack.add("key " + key + " from " + seen[key] + " to " + version + " at " + i);
                }
                seen[key] = version;
            }
        }
        return wentBack;
    }

    private void write(List<Cache<Integer, Long>> caches, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CHANGES; i++) {
            if (i % (CHANGES / CUTS) == 1) {
                redis.cutConnections();
            }
            int key = random.nextInt(KEYS);
            locks.get(key).lock();
            try {
                change(caches, key, random.nextInt(5));
            } finally {
                locks.get(key).unlock();
            }
        }
    }

    private void change(List<Cache<Integer, Long>> caches, int key, int how) {
        long version = versions.incrementAndGet(key);
        switch (how) {
            case 0 -> caches.get(0).put(key, version);
            case 1 -> caches.get(1).put(key, version);
            case 2 -> caches.get(0).remove(key);
            case 3 -> redis.call("DEL", "versions:" + key);
            default -> redis.call("SET", "versions:" + key, "" + version);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SELECTIVE", "BROADCAST"})
    void noReadGoesBackAndNoneStaysBehind(Tracking tracking) throws Exception {
        long seed = System.nanoTime();
        try (Cache<Integer, Long> one = cache(tracking);
                Cache<Integer, Long> two = cache(tracking);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<List<String>>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                long readerSeed = seed + i;
                readers.add(threads.submit(() -> read(one, readerSeed)));
                readers.add(threads.submit(() -> read(two, readerSeed)));
            }
            write(List.of(one, two), seed);
            written = true;
            for (Future<List<String>> reader : readers) {
                assertThat(reader.get()).as("seed " + seed).isEmpty();
            }
            awaitRepair(one);
            awaitRepair(two);
            for (int key = 0; key < KEYS; key++) {
                String last = "" + versions.incrementAndGet(key);
                redis.call("SET", "versions:" + key, last);
                int k = key;
                await().untilAsserted(() -> {
                    assertThat("" + one.get(k)).as("seed " + seed).isEqualTo(last);
                    assertThat("" + two.get(k)).as("seed " + seed).isEqualTo(last);
                });
            }
            // None of this would prove anything if all reads had gone to the server.
            await().untilAsserted(() -> {
                one.get(0);
                assertThat(one.stats().tier("memory").hits()).isPositive();
            });
        }
    }

    /// What a cache could not remove while its connection was cut it removes when it is back, whoever wrote it
    /// meanwhile: only then is the server left alone.
    private void awaitRepair(Cache<Integer, Long> cache) {
        await().untilAsserted(() -> {
            redis.call("SET", "versions:" + KEYS, "1");
            assertThat(cache.get(KEYS)).isEqualTo(1);
        });
    }

    @Test
    void withoutTrackingAReaderStaysBehind() {
        try (Cache<Integer, Long> cache = cache(Tracking.OFF)) {
            redis.call("SET", "versions:1", "1");
            assertThat(cache.get(1)).isEqualTo(1);
            redis.call("SET", "versions:1", "2");
            assertThat(cache.get(1)).isEqualTo(1);
        }
    }
}
