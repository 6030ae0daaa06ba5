package io.nuthatch.cache;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.CacheHealth.State;
import io.nuthatch.cache.FakeTier.Mood;
import io.nuthatch.cache.Lookup.Hit;
import io.nuthatch.cache.Lookup.Miss;
import io.nuthatch.cache.Lookup.Negative;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Several tiers: who is read first, what goes up, and what a tier that is ill costs.
class TiersTest {
    private final ManualTime time = new ManualTime(1_000_000);
    private final FakeTier near = new FakeTier("near");
    private final FakeTier far = new FakeTier("far");
    private final AtomicInteger loads = new AtomicInteger();
    private final Cache<String, String> cache = cache();
    private final Cache<String, String> other = cache();

    /// Two of these are two processes that share their lower tiers.
    private Cache<String, String> cache() {
        Guard guard = Guard.DEFAULT.timeout(ofMillis(100)).failures(3).pause(ofSeconds(1));
        return Cache.<String, String>builder("words")
                .policy(Policy.ofTtl(ofMinutes(1)).staleFor(ofMinutes(1)).tierTtl("near", ofSeconds(30)))
                .values(String.class)
                .tier(near, guard)
                .tier(far, guard)
                .time(time)
                .loader(key -> key.equals("none") ? null : key + loads.incrementAndGet())
                .build();
    }

    @AfterEach
    void close() {
        near.mood = Mood.WELL;
        far.mood = Mood.WELL;
        cache.close();
        other.close();
    }

    @Test
    void aLoadFillsEveryTierAndTheNearestAnswers() {
        assertThat(cache.get("a")).isEqualTo("a1");
        assertThat(near.held.get("a").ttlMs()).isEqualTo(120_000);
        assertThat(cache.lookup("a")).isEqualTo(new Hit<>("a1", "memory", ofMillis(0), ofMinutes(1)));
        assertThat(other.lookup("a")).isEqualTo(new Hit<>("a1", "near", ofMillis(0), ofSeconds(30)));
        assertThat(other.lookup("a")).as("promoted").isEqualTo(new Hit<>("a1", "memory", ofMillis(0), ofSeconds(30)));
        assertThat(loads).hasValue(1);
    }

    @Test
    void aValueGoesUpWithTheTimeItHasLeft() {
        cache.get("a");
        time.advance(ofSeconds(20));
        near.held.clear();
        assertThat(other.lookup("a")).isEqualTo(new Hit<>("a1", "far", ofSeconds(20), ofSeconds(40)));
        assertThat(near.held.get("a").ttlMs())
                .as("and so it does in the tier above")
                .isEqualTo(100_000);
    }

    @Test
    void aTierServesForItsOwnTtlOnly() {
        cache.get("a");
        time.advance(ofSeconds(30));
        assertThat(other.lookup("a")).isEqualTo(new Hit<>("a1", "far", ofSeconds(30), ofSeconds(30)));
        assertThat(other.stats().tier("near").misses()).isEqualTo(1);
        assertThat(other.stats().tier("far").hits()).isEqualTo(1);
    }

    @Test
    void absenceIsSharedToo() {
        assertThat(cache.get("none")).isNull();
        assertThat(other.lookup("none")).isEqualTo(new Negative<>("near", ofMillis(0), ofSeconds(30)));
    }

    @Test
    void manyKeysAreReadAtOnce() {
        cache.getAll(List.of("a", "b", "c"));
        near.calls.clear();
        far.calls.clear();
        assertThat(other.getAll(List.of("a", "b", "c"))).hasSize(3);
        assertThat(near.calls).containsExactly("read a,b,c");
        assertThat(far.calls).isEmpty();
    }

    @Test
    void changesReachEveryTier() {
        cache.with(cache.policy().tags("t")).put("a", "x");
        assertThat(near.held).containsKey("a");
        cache.invalidateTag("t");
        assertThat(near.held).isEmpty();
        assertThat(far.held).isEmpty();
        cache.put("a", "x");
        cache.remove("a");
        assertThat(near.held).isEmpty();
        cache.put("a", "x");
        cache.clear();
        assertThat(far.held).isEmpty();
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
    }

    /// Somebody reads the lower tiers after a change has begun and before it has reached them.
    private String readInTheMiddleOf(Runnable change) throws Exception {
        CompletableFuture<String> reader = new CompletableFuture<>();
        CountDownLatch read = new CountDownLatch(1);
        near.afterRead = read::countDown;
        AtomicBoolean begun = new AtomicBoolean();
        near.beforeChange = () -> {
            if (begun.compareAndSet(false, true)) {
                Thread.ofVirtual().start(() -> reader.complete(cache.get("a")));
                await().until(() -> read.getCount() == 0);
            }
        };
        change.run();
        return reader.get();
    }

    @Test
    void whatWasReadWhileAWriteWasOnItsWayIsNotKept() throws Exception {
        other.put("a", "old");
        readInTheMiddleOf(() -> cache.put("a", "new"));
        assertThat(cache.get("a")).isEqualTo("new");
    }

    @Test
    void whatWasReadWhileWritesWereOnTheirWayIsNotKept() throws Exception {
        other.put("a", "old");
        readInTheMiddleOf(() -> cache.putAll(Map.of("a", "new", "b", "other")));
        assertThat(cache.get("a")).isEqualTo("new");
    }

    @Test
    void whatWasReadWhileARemovalWasOnItsWayIsNotKept() throws Exception {
        other.put("a", "old");
        readInTheMiddleOf(() -> cache.remove("a"));
        assertThat(cache.get("a")).isEqualTo("a1");
    }

    /// Who has heard of a change elsewhere does not find in memory what was there before it.
    @Test
    void memoryIsSilentWhileAWriteIsOnItsWay() {
        cache.put("a", "old");
        List<String> meanwhile = new ArrayList<>();
        near.duringWrite = () -> cache.entries().forEach(entry -> meanwhile.add(entry.getValue()));
        cache.put("a", "new");
        assertThat(meanwhile).isEmpty();
        assertThat(cache.lookup("a")).isEqualTo(new Hit<>("new", "memory", ofMillis(0), ofMinutes(1)));
    }

    @Test
    void expireReachesTheTiersBelow() {
        cache.put("a", "x");
        cache.expire("a");
        assertThat(other.lookup("a")).isInstanceOf(Lookup.Stale.class);
        assertThat(other.get("a")).isEqualTo("a1");
    }

    @ParameterizedTest
    @EnumSource(names = "WELL", mode = EnumSource.Mode.EXCLUDE)
    void aTierThatIsIllCostsNoCallMoreThanItsTimeout(Mood mood) {
        cache.get("a");
        near.mood = mood;
        CompletableFuture<String> read = other.async().get("a").toCompletableFuture();
        if (mood == Mood.HANGING) {
            await().until(() -> time.waiting() == 1);
            assertThat(read).isNotDone();
            time.advance(ofMillis(100));
            await().until(() -> time.waiting() == 1 || read.isDone());
            time.advance(ofMillis(100));
        }
        assertThat(read.join()).isEqualTo("a1");
        assertThat(other.stats().tier("near").failures()).isPositive();
    }

    @Test
    void aTierThatFailsTooOftenIsLeftAloneAndTriedAgain() {
        near.mood = Mood.FAILING;
        cache.get("a");
        cache.get("b");
        assertThat(cache.health().tiers().get(1).state()).isEqualTo(State.DOWN);
        assertThat(cache.health().tiers().get(1).detail()).isEqualTo("java.lang.IllegalStateException: failing");
        assertThat(cache.health().isUp()).isFalse();
        int calls = near.calls.size();
        cache.get("c");
        assertThat(near.calls).hasSize(calls);
        assertThat(cache.stats().tier("near").skipped()).isPositive();

        time.advance(ofSeconds(1));
        cache.get("d");
        assertThat(near.calls).as("one trial").hasSize(calls + 1);
        time.advance(ofSeconds(1));
        cache.get("e");
        assertThat(near.calls).as("the pause has doubled").hasSize(calls + 1);

        near.mood = Mood.WELL;
        time.advance(ofSeconds(1));
        cache.get("f");
        assertThat(cache.health().isUp()).isTrue();
        assertThat(near.held).containsKey("f");
    }

    @Test
    void whatATierMissedIsMadeUpForBeforeItIsBelieved() {
        cache.put("a", "old");
        cache.put("b", "old");
        cache.with(cache.policy().tags("t")).put("c", "old");
        near.mood = Mood.FAILING;
        cache.put("a", "new");
        cache.remove("b");
        cache.invalidateTag("t");
        near.mood = Mood.WELL;
        time.advance(ofSeconds(40));
        assertThat(near.held).as("it still holds the old values").containsKeys("a", "b", "c");
        assertThat(cache.lookup("x")).isEqualTo(new Miss<>());
        assertThat(near.held).isEmpty();
    }

    @Test
    void aTierIsNotBelievedAboutWhatItMissed() {
        far.mood = Mood.FAILING;
        cache.put("a", "old");
        near.mood = Mood.FAILING;
        cache.remove("a");
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
        near.mood = Mood.WELL;
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
    }

    @Test
    void aTierThatMissedTooMuchIsCleared() {
        cache.put("old", "old");
        near.mood = Mood.FAILING;
        for (int i = 0; i <= MissedChanges.MAX_KEYS; i++) {
            cache.put("k" + i, "v");
        }
        near.mood = Mood.WELL;
        near.calls.clear();
        time.advance(ofSeconds(60));
        cache.lookup("x");
        assertThat(near.calls).containsExactly("clear", "read x");
        assertThat(near.held).isEmpty();
    }

    @Test
    void whatCannotBeDecodedIsAMissAndIsReported() {
        cache.put("a", "x");
        byte[] damaged = near.held.get("a").bytes().clone();
        damaged[damaged.length - 6] ^= 1;
        for (byte[] bytes : List.of(
                damaged, new byte[0], new byte[] {1, 2, 3}, "hello".repeat(20).getBytes())) {
            near.held.put("a", new Tier.Write("a", bytes, 1, java.util.Set.of(), 0));
            try (Cache<String, String> reader = cache()) {
                assertThat(reader.lookup("a")).isEqualTo(new Hit<>("x", "far", ofMillis(0), ofMinutes(1)));
                assertThat(reader.stats().undecodable()).isEqualTo(1);
            }
        }
    }

    @Test
    void aValueThatIsTooLargeStaysInMemory() {
        try (Cache<String, String> small = Cache.<String, String>builder("small")
                .values(String.class)
                .maxValueBytes(10)
                .tier(near)
                .time(time)
                .build()) {
            small.put("a", "0123456789");
            small.put("b", "0123456789+");
            assertThat(near.held).containsOnlyKeys("a");
            assertThat(small.get("b")).isEqualTo("0123456789+");
            assertThat(small.stats().oversized()).isEqualTo(1);
            small.put("a", "0123456789+");
            assertThat(near.held).as("the old value is not left behind").isEmpty();
        }
    }

    @Test
    void aRefreshTakesWhatAnotherProcessHasLoaded() {
        Policy eager = cache.policy().refreshAhead(0.5).tierTtl("near", ofMinutes(1));
        cache.with(eager).get("a");
        other.with(eager).get("a");
        time.advance(ofSeconds(30));
        cache.with(eager).get("a");
        await().until(() -> loads.get() == 2);
        await().until(() -> "a2".equals(cache.get("a")));
        other.with(eager).get("a");
        await().until(() -> "a2".equals(other.get("a")));
        assertThat(loads).hasValue(2);
    }

    @Test
    void aStaleValueOfALowerTierIsServedWhenTheSourceFails() {
        cache.get("a");
        time.advance(ofSeconds(60));
        assertThat(other.get("a", key -> {
                    throw new IllegalStateException("down");
                }))
                .isEqualTo("a1");
        assertThat(other.stats().staleHits()).isEqualTo(1);
    }

    @Test
    void closingClosesTheTiers() {
        cache.close();
        assertThat(near.calls).contains("close");
        assertThat(Map.of("near", near, "far", far).values())
                .allSatisfy(tier -> assertThat(tier.calls).contains("close"));
    }

    /// The first answer is awaited when all have been given to the tier.
    @Test
    void whatIsLoadedOrPutTogetherIsGivenToATierAtOnce() {
        FakeTier tier = new FakeTier("tier");
        Map<String, String> values = new HashMap<>();
        IntStream.range(0, 100).forEach(i -> values.put("k" + i, "v" + i));
        try (Cache<String, String> together = Cache.<String, String>builder("together")
                .values(String.class)
                .tier(tier)
                .time(time)
                .bulkLoader(keys -> {
                    tier.mood = FakeTier.Mood.HANGING;
                    return values;
                })
                .build()) {
            var loaded = together.async().getAll(values.keySet()).toCompletableFuture();
            await().until(() -> writesTo(tier) == 100);
            assertThat(loaded).isNotDone();
            time.advance(Guard.DEFAULT.timeout());
            assertThat(loaded.join()).isEqualTo(values);

            tier.calls.clear();
            var put = together.async().putAll(values).toCompletableFuture();
            await().until(() -> time.waiting() > 0 && !tier.calls.isEmpty());
            time.advance(Guard.DEFAULT.timeout());
            put.join();
            assertThat(together.get("k7")).isEqualTo("v7");
        }
    }

    private static long writesTo(FakeTier tier) {
        synchronized (tier.calls) {
            return tier.calls.stream().filter(call -> call.startsWith("write")).count();
        }
    }
}
