package io.nuthatch.cache;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.Lookup.Hit;
import io.nuthatch.cache.Lookup.Miss;
import io.nuthatch.cache.Redis.Format;
import io.nuthatch.cache.Redis.Tracking;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The tier in a real redis-server, and memory that follows it.
class RedisTest {
    private static final Runnable NOTHING = () -> {};

    private static RedisProcess redis;

    private final AtomicInteger loads = new AtomicInteger();
    private final List<Cache<?, ?>> caches = new ArrayList<>();

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

    @AfterEach
    void closeCaches() {
        caches.forEach(Cache::close);
    }

    private Redis options(Tracking tracking) {
        return patient(redis).tracking(tracking);
    }

    /// Nothing here is about timeouts, and the machine may be busy.
    private static Redis patient(RedisProcess server) {
        return Redis.at(server.uri()).guard(Guard.DEFAULT.timeout(ofSeconds(10)));
    }

    private Cache<String, String> cache(Redis options) {
        return cache(options, Policy.ofTtl(ofMinutes(1)).staleFor(ofMinutes(1)));
    }

    private Cache<String, String> cache(Redis options, Policy policy) {
        Cache<String, String> cache = Cache.<String, String>builder("words")
                .values(String.class)
                .policy(policy)
                .redis(options)
                .loader(key -> key + loads.incrementAndGet())
                .build();
        caches.add(cache);
        return cache;
    }

    /// In which tier a read finds a key.
    private static String whereIs(Cache<String, String> cache, String key) {
        return cache.lookup(key) instanceof Hit<String> hit ? hit.tier() : "nowhere";
    }

    @ParameterizedTest
    @EnumSource
    void whatOneProcessLoadsAnotherFinds(Tracking tracking) {
        Cache<String, String> one = cache(options(tracking));
        Cache<String, String> two = cache(options(tracking));
        assertThat(one.get("a")).isEqualTo("a1");
        assertThat(two.get("a")).isEqualTo("a1");
        // A broadcast of the write may reach them after the value it is about; it costs a read more.
        await().untilAsserted(() -> assertThat(whereIs(one, "a")).isEqualTo("memory"));
        await().untilAsserted(() -> assertThat(whereIs(two, "a")).isEqualTo("memory"));
        assertThat(Long.parseLong(redis.call("PTTL", "words:a"))).isBetween(110_000L, 120_000L);
    }

    @ParameterizedTest
    @EnumSource(names = {"SELECTIVE", "BROADCAST"})
    void memoryFollowsWhatOthersWrite(Tracking tracking) {
        Cache<String, String> one = cache(options(tracking));
        Cache<String, String> two = cache(options(tracking));
        one.put("a", "first");
        assertThat(whereIs(one, "a")).isEqualTo("memory");
        two.put("a", "second");
        await().untilAsserted(() -> assertThat(one.get("a")).isEqualTo("second"));
        assertThat(whereIs(one, "a")).isEqualTo("memory");
        one.put("a", "third");
        await().untilAsserted(() -> assertThat(two.get("a")).isEqualTo("third"));
        two.remove("a");
        await().untilAsserted(() -> assertThat(one.lookup("a")).isEqualTo(new Miss<>()));
    }

    @ParameterizedTest
    @EnumSource(names = {"SELECTIVE", "BROADCAST"})
    void memoryFollowsWritersInOtherLanguages(Tracking tracking) {
        Cache<String, String> cache = cache(options(tracking));
        cache.getAll(List.of("a", "b"));
        assertThat(whereIs(cache, "a")).isEqualTo("memory");
        redis.call("DEL", "words:a");
        await().untilAsserted(() -> assertThat(cache.lookup("a")).isEqualTo(new Miss<>()));
        assertThat(whereIs(cache, "b")).isEqualTo("memory");
        redis.call("FLUSHALL");
        await().untilAsserted(() -> assertThat(cache.lookup("b")).isEqualTo(new Miss<>()));
    }

    /// The value is read off the connection, then the invalidation is, and only then is the value kept in memory.
    @ParameterizedTest
    @EnumSource(names = {"SELECTIVE", "BROADCAST"})
    void aFillThatAnInvalidationOvertookIsDeadOnArrival(Tracking tracking) {
        AtomicReference<Runnable> beforeKeeping = new AtomicReference<>(NOTHING);
        Codec<String> slow = new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                beforeKeeping.getAndSet(NOTHING).run();
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
        Cache<String, String> cache = Cache.<String, String>builder("words")
                .values(slow)
                .redis(options(tracking).format(Format.RAW))
                .build();
        caches.add(cache);
        redis.call("SET", "words:a", "old");
        awaitMemory(cache);
        Timeline timeline = ((BlockingView<String, String>) cache).core().parts.timeline();
        beforeKeeping.set(() -> {
            long before = timeline.now();
            redis.call("SET", "words:a", "new");
            await().until(() -> timeline.now() > before);
        });

        cache.get("a");
        assertThat(beforeKeeping.get()).isSameAs(NOTHING);
        assertThat(cache.get("a")).isEqualTo("new");
    }

    /// Until reads are answered by memory.
    private static void awaitMemory(Cache<String, String> cache) {
        redis.call("SET", "words:other", "x");
        await().until(() -> {
            long before = cache.stats().tier(MemoryTier.NAME).hits();
            cache.get("other");
            return cache.stats().tier(MemoryTier.NAME).hits() > before;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"SELECTIVE", "BROADCAST"})
    void aLostConnectionMakesMemoryStaleUntilItIsBack(Tracking tracking) {
        Cache<String, String> cache = cache(options(tracking));
        assertThat(cache.get("a")).isEqualTo("a1");
        redis.cutConnections();
        await().untilAsserted(() ->
                assertThat(whereIs(cache, "a")).as("read again from redis").isEqualTo("redis"));
        assertThat(whereIs(cache, "a")).isEqualTo("memory");
        redis.call("DEL", "words:a");
        await().untilAsserted(() -> assertThat(cache.lookup("a")).isEqualTo(new Miss<>()));
    }

    @Test
    void aServerThatIsGoneCostsNoCallAndIsUsedAgainWhenItIsBack() {
        try (RedisProcess own = RedisProcess.start()) {
            Cache<String, String> cache = cache(patient(own));
            assertThat(cache.get("a")).isEqualTo("a1");
            own.stop();
            await().until(() -> !(cache.lookup("a") instanceof Hit));
            assertThat(cache.lookup("a")).as("served for want of better").isInstanceOf(Lookup.Stale.class);
            assertThat(cache.get("a")).as("a source that is well is preferred").isEqualTo("a2");
            assertThat(cache.get("b", key -> "fresh")).isEqualTo("fresh");
            assertThat(cache.get("a", key -> {
                        throw new IllegalStateException("down too");
                    }))
                    .isEqualTo("a2");
            cache.put("c", "written while away");
            own.startAgain();
            await().atMost(ofSeconds(20)).untilAsserted(() -> {
                cache.get("d");
                assertThat(cache.health().isUp()).isTrue();
            });
            cache.get("e");
            assertThat(whereIs(cache, "e")).isEqualTo("memory");
            assertThat(own.call("EXISTS", "words:e")).isEqualTo("1");
        }
    }

    @Test
    void aCacheBeginsWithoutAServerAndUsesItWhenItComes() {
        try (RedisProcess own = RedisProcess.start()) {
            own.stop();
            Cache<String, String> cache = cache(patient(own));
            assertThat(cache.get("a")).isEqualTo("a1");
            own.startAgain();
            await().atMost(ofSeconds(20)).untilAsserted(() -> {
                cache.get("b");
                assertThat(own.call("EXISTS", "words:b")).isEqualTo("1");
            });
        }
    }

    @Test
    void aServerThatSaysNothingIsNoticedAndMemoryIsBelievedNoLonger() {
        try (RedisProcess own = RedisProcess.start()) {
            Guard guard = Guard.DEFAULT.timeout(ofMillis(100));
            Cache<String, String> cache = cache(Redis.at(own.uri()).guard(guard).heartbeat(ofMillis(50)));
            assertThat(cache.get("a")).isEqualTo("a1");
            own.holdStill();
            try {
                await().until(() -> !(cache.lookup("a") instanceof Hit));
                assertThat(cache.get("a")).isEqualTo("a2");
            } finally {
                own.goOn();
            }
            await().atMost(ofSeconds(20)).untilAsserted(() -> {
                cache.get("a");
                assertThat(whereIs(cache, "a")).isEqualTo("memory");
                assertThat(cache.health().isUp()).isTrue();
            });
        }
    }

    @Test
    void withoutTrackingMemoryIsAsOldAsItsTtl() {
        Cache<String, String> one = cache(options(Tracking.OFF));
        assertThat(one.get("a")).isEqualTo("a1");
        redis.call("DEL", "words:a");
        assertThat(whereIs(one, "a")).isEqualTo("memory");
    }

    @Test
    void aTagRemovesItsKeysForEveryProcess() {
        Cache<String, String> one = cache(options(Tracking.SELECTIVE));
        Cache<String, String> two = cache(options(Tracking.SELECTIVE));
        Cache<String, String> red = one.with(one.policy().tags("red"));
        List<String> keys = IntStream.range(0, 1_200).mapToObj(i -> "k" + i).toList();
        keys.forEach(key -> red.put(key, "v"));
        one.put("other", "v");
        assertThat(two.getAll(keys)).hasSize(1_200);
        assertThat(redis.call("ZCARD", "words#tag:red")).isEqualTo("1200");
        one.invalidateTag("red");
        assertThat(redis.call("DBSIZE")).isEqualTo("1");
        await().untilAsserted(() -> assertThat(two.lookup("k7")).isEqualTo(new Miss<>()));
        await().untilAsserted(() -> assertThat(two.lookup("k1199")).isEqualTo(new Miss<>()));
        assertThat(whereIs(two, "other")).isEqualTo("redis");
    }

    @Test
    void theSetOfATagForgetsKeysThatAreGone() {
        Cache<String, String> cache = cache(options(Tracking.OFF));
        cache.with(Policy.ofTtl(ofMillis(1)).tags("red")).put("brief", "v");
        await().untilAsserted(() -> {
            cache.with(Policy.ofTtl(ofMinutes(1)).tags("red")).put("long", "v");
            assertThat(redis.call("ZRANGE", "words#tag:red", "0", "-1")).isEqualTo("[words:long]");
        });
        assertThat(Long.parseLong(redis.call("PTTL", "words#tag:red"))).isGreaterThan(50_000);
    }

    @Test
    void clearRemovesTheKeysOfThisCacheOnly() {
        Cache<String, String> cache = cache(options(Tracking.SELECTIVE));
        redis.call("SET", "words2:a", "not ours");
        redis.call("SET", "wordsX", "not ours");
        cache.with(cache.policy().tags("red"))
                .getAll(IntStream.range(0, 2_000).mapToObj(i -> "k" + i).toList());
        assertThat(redis.call("DBSIZE")).isEqualTo("2003");
        cache.clear();
        assertThat(redis.call("DBSIZE")).isEqualTo("2");
    }

    @Test
    void bareValuesAreSharedWithOtherPrograms() {
        Policy policy = Policy.ofTtl(ofMinutes(1)).staleFor(ofMinutes(1));
        Cache<String, String> cache = cache(options(Tracking.SELECTIVE).format(Format.RAW), policy);
        cache.put("a", "hällo");
        assertThat(redis.call("GET", "words:a").length()).isEqualTo(6);
        assertThat(Long.parseLong(redis.call("PTTL", "words:a"))).isBetween(55_000L, 60_000L);
        redis.call("SET", "words:a", "theirs", "PX", "30000");
        await().untilAsserted(() -> assertThat(cache.get("a")).isEqualTo("theirs"));
        Hit<String> hit = (Hit<String>) cache.lookup("a");
        assertThat(hit.tier()).isEqualTo("memory");
        assertThat(hit.ttlLeft()).isBetween(ofSeconds(25), ofSeconds(30));
        redis.call("SET", "words:b", "without a ttl");
        assertThat(cache.get("b")).isEqualTo("without a ttl");
        cache.put("a", null);
        assertThat(redis.call("EXISTS", "words:a")).isEqualTo("0");
    }

    @Test
    void whatAnotherProgramLeftBehindIsAMiss() {
        Cache<String, String> cache = cache(options(Tracking.SELECTIVE));
        redis.call("SET", "words:a", "not a frame");
        redis.call("LPUSH", "words:b", "not even a string");
        assertThat(cache.get("a")).isEqualTo("a1");
        assertThat(cache.get("b")).isEqualTo("b2");
        assertThat(cache.stats().undecodable()).isEqualTo(1);
        assertThat(cache.health().isUp()).isTrue();
    }

    @Test
    void valuesOfRecordsAndKeysOfRecordsWork() {
        record Place(String city, int number) {}
        record Person(String name, List<Place> places, Map<String, Long> counts) {}
        for (int round = 0; round < 2; round++) {
            Cache<Place, Person> people = Cache.<Place, Person>builder("people")
                    .values(Person.class)
                    .redis(redis.uri())
                    .build();
            caches.add(people);
            Place place = new Place("Köln", 7);
            Person person = new Person("Ada", List.of(place), Map.of("visits", 3L));
            if (round == 0) {
                people.put(place, person);
            }
            assertThat(people.get(place)).isEqualTo(person);
        }
        assertThat(redis.call("KEYS", "*")).contains("people:{\"city\"");
    }

    @Test
    void withALeaseOneProcessLoadsAndTheOthersWaitForItsValue() {
        CompletableFuture<String> source = new CompletableFuture<>();
        Redis options = options(Tracking.SELECTIVE).lease(ofMinutes(1));
        List<CompletableFuture<String>> readers = new ArrayList<>();
        for (int process = 0; process < 4; process++) {
            Cache<String, String> cache = cache(options);
            readers.add(cache.async()
                    .get("a", key -> {
                        loads.incrementAndGet();
                        return source.join();
                    })
                    .toCompletableFuture());
        }
        await().until(() -> redis.call("EXISTS", "words#lease:a").equals("1"));
        await().until(() -> loads.get() == 1);
        source.complete("loaded once");
        assertThat(readers).allSatisfy(reader -> assertThat(reader.join()).isEqualTo("loaded once"));
        assertThat(loads).hasValue(1);
        await().until(() -> redis.call("EXISTS", "words#lease:a").equals("0"));
    }

    @Test
    void aLeaseThatIsNotReturnedHoldsNobodyUpForLonger() {
        redis.call("SET", "words#lease:a", "a process that died", "PX", "60000");
        Cache<String, String> cache = cache(options(Tracking.SELECTIVE).lease(ofMillis(200)));
        assertThat(cache.get("a")).isEqualTo("a1");
        assertThat(redis.call("GET", "words#lease:a"))
                .as("it is not ours to return")
                .isEqualTo("a process that died");
    }

    @Test
    void aLoadThatFailsReturnsItsLease() {
        Redis options = options(Tracking.OFF).lease(ofMinutes(1));
        Cache<String, String> one = cache(options);
        assertThatThrownBy(() -> one.get("a", key -> {
                    throw new IllegalStateException("down");
                }))
                .isInstanceOf(CacheException.LoadFailed.class);
        assertThat(cache(options).get("a")).isEqualTo("a1");
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        assertThatThrownBy(() -> Redis.at("localhost:6379"))
                .hasMessage("redis: is not the address of a server: localhost:6379;"
                        + " write .redis(\"redis://localhost:6379\")");
    }
}
