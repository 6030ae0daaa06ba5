package io.nuthatch.cache;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.Lookup.Hit;
import io.nuthatch.cache.Lookup.Miss;
import io.nuthatch.cache.Lookup.Negative;
import io.nuthatch.cache.Lookup.Stale;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is fresh, stale and gone, at which moment, in memory alone.
class FreshnessTest {
    private final ManualTime time = new ManualTime(1_000_000);
    private final AtomicInteger loads = new AtomicInteger();
    private volatile boolean sourceFails;
    private Cache<String, Integer> cache = cache(Policy.ofTtl(ofSeconds(10)));

    private Cache<String, Integer> cache(Policy policy) {
        return Cache.<String, Integer>builder("numbers")
                .policy(policy)
                .time(time)
                .random(() -> 0.5)
                .loader(this::load)
                .build();
    }

    private Integer load(String key) {
        if (sourceFails) {
            throw new IllegalStateException("source is down");
        }
        return key.equals("none") ? null : loads.incrementAndGet();
    }

    private void use(Policy policy) {
        cache.close();
        cache = cache(policy);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    @Test
    void aValueIsLoadedOnceInItsTtl() {
        assertThat(cache.get("a")).isEqualTo(1);
        time.advance(ofMillis(9_999));
        assertThat(cache.get("a")).isEqualTo(1);
        time.advance(ofMillis(1));
        assertThat(cache.get("a")).isEqualTo(2);
        assertThat(cache.stats().hits()).isEqualTo(1);
        assertThat(cache.stats().misses()).isEqualTo(2);
        assertThat(cache.stats().hitRatio()).isEqualTo(1 / 3.0);
    }

    @Test
    void falsyValuesAreHits() {
        Cache<String, Object> falsy =
                Cache.<String, Object>builder("falsy").time(time).build();
        for (Object value : List.of(0, false, "", List.of())) {
            falsy.put("a", value);
            assertThat(falsy.get("a", key -> "loaded")).isEqualTo(value);
        }
        falsy.close();
    }

    @Test
    void absenceIsRememberedForTheNegativeTtl() {
        use(Policy.ofTtl(ofSeconds(10)).negativeTtl(ofSeconds(2)));
        assertThat(cache.get("none")).isNull();
        assertThat(cache.lookup("none")).isEqualTo(new Negative<>("memory", ofMillis(0), ofSeconds(2)));
        assertThat(cache.get("none")).isNull();
        assertThat(cache.stats().loads()).isEqualTo(1);
        time.advance(ofSeconds(2));
        assertThat(cache.lookup("none")).isEqualTo(new Miss<>());
        assertThat(cache.get("none")).isNull();
        assertThat(cache.stats().loads()).isEqualTo(2);
    }

    @Test
    void absenceIsForgottenAtOnceWithANegativeTtlOfZero() {
        use(Policy.ofTtl(ofSeconds(10)).negativeTtl(ofSeconds(0)));
        cache.put("none", 7);
        cache.remove("none");
        assertThat(cache.get("none")).isNull();
        assertThat(cache.get("none")).isNull();
        assertThat(cache.stats().loads()).isEqualTo(2);
    }

    @Test
    void aLookupTellsAgeAndTimeLeft() {
        cache.get("a");
        time.advance(ofSeconds(3));
        assertThat(cache.lookup("a")).isEqualTo(new Hit<>(1, "memory", ofSeconds(3), ofSeconds(7)));
        assertThat(cache.lookup("b")).isEqualTo(new Miss<>());
        assertThat(loads).hasValue(1);
    }

    @Test
    void idleEntriesLeaveMemory() {
        use(Policy.ofTtl(ofMinutes(1)).idle(ofSeconds(5)));
        cache.get("a");
        time.advance(ofSeconds(4));
        assertThat(cache.get("a")).isEqualTo(1);
        time.advance(ofSeconds(4));
        assertThat(cache.get("a")).isEqualTo(1);
        time.advance(ofSeconds(6));
        assertThat(cache.get("a")).isEqualTo(2);
    }

    @Test
    void jitterCutsAPartOffTheTtl() {
        use(Policy.ofTtl(ofSeconds(10)).jitter(0.4));
        cache.get("a");
        assertThat(((Hit<Integer>) cache.lookup("a")).ttlLeft()).isEqualTo(ofSeconds(8));
    }

    @Test
    void aTierTtlEndsTheFreshnessInThatTierOnly() {
        use(Policy.ofTtl(ofSeconds(10)).tierTtl("memory", ofSeconds(1)));
        cache.get("a");
        time.advance(ofSeconds(1));
        assertThat(cache.get("a")).isEqualTo(2);
    }

    @Test
    void aViewHasItsOwnPolicyAndSharesTheEntries() {
        Cache<String, Integer> brief = cache.with(Policy.ofTtl(ofSeconds(1)));
        brief.get("a");
        assertThat(cache.get("a")).isEqualTo(1);
        time.advance(ofSeconds(1));
        assertThat(cache.get("a")).isEqualTo(2);
        time.advance(ofSeconds(1));
        assertThat(brief.get("a")).isEqualTo(2);
    }

    @Test
    void aSourceDecidesHowItsValueIsKept() {
        Cache<String, String> sourced = Cache.<String, String>builder("sourced")
                .time(time)
                .source((key, known) -> Loaded.value("v" + loads.incrementAndGet())
                        .policy(known.policy().ttl(ofSeconds(1)))
                        .tags("red"))
                .build();
        assertThat(sourced.get("a")).isEqualTo("v1");
        time.advance(ofSeconds(1));
        assertThat(sourced.get("a")).isEqualTo("v2");
        sourced.invalidateTag("blue");
        assertThat(sourced.get("a")).isEqualTo("v2");
        sourced.invalidateTag("red");
        assertThat(sourced.get("a")).isEqualTo("v3");
        sourced.close();
    }

    @Test
    void notModifiedMakesTheKnownValueFreshAgain() {
        AtomicInteger unchanged = new AtomicInteger();
        Cache<String, String> conditional = Cache.<String, String>builder("conditional")
                .policy(Policy.ofTtl(ofSeconds(10)).staleFor(ofMinutes(1)))
                .time(time)
                .source((key, known) -> {
                    if ("etag-1".equals(known.validator())) {
                        unchanged.incrementAndGet();
                        return Loaded.notModified();
                    }
                    return Loaded.value("body").validator("etag-1");
                })
                .build();
        conditional.get("a");
        for (int round = 1; round <= 3; round++) {
            time.advance(ofSeconds(10));
            assertThat(conditional.get("a")).isEqualTo("body");
            assertThat(unchanged).hasValue(round);
        }
        assertThat(conditional.lookup("a")).isInstanceOf(Hit.class);
        conditional.close();
    }

    @Test
    void aStaleValueIsServedWhenTheSourceFails() {
        use(Policy.ofTtl(ofSeconds(10)).staleFor(ofSeconds(20)).retryAfter(ofSeconds(2)));
        cache.get("a");
        sourceFails = true;
        time.advance(ofSeconds(10));
        assertThat(cache.lookup("a")).isEqualTo(new Stale<>(1, "memory", ofSeconds(10)));
        assertThat(cache.get("a")).isEqualTo(1);
        assertThat(cache.get("a")).as("the source is left alone for a while").isEqualTo(1);
        assertThat(cache.stats().loadFailures()).isEqualTo(1);
        assertThat(cache.stats().staleHits()).isEqualTo(2);
        time.advance(ofSeconds(2));
        assertThat(cache.get("a")).isEqualTo(1);
        assertThat(cache.stats().loadFailures()).isEqualTo(2);
        sourceFails = false;
        time.advance(ofSeconds(2));
        assertThat(cache.get("a")).isEqualTo(2);
    }

    @Test
    void nothingIsServedAfterStaleFor() {
        use(Policy.ofTtl(ofSeconds(10)).staleFor(ofSeconds(20)));
        cache.get("a");
        sourceFails = true;
        time.advance(ofSeconds(30));
        assertThatThrownBy(() -> cache.get("a"))
                .isInstanceOf(CacheException.LoadFailed.class)
                .hasMessage("cache numbers could not load key a: java.lang.IllegalStateException: source is down")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFailedLoadLeavesNothingBehind() {
        sourceFails = true;
        assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheException.LoadFailed.class);
        sourceFails = false;
        assertThat(cache.get("a")).isEqualTo(1);
    }

    @Test
    void aReadLateInTheTtlReloadsInTheBackground() {
        use(Policy.ofTtl(ofSeconds(10)).refreshAhead(0.8));
        cache.get("a");
        time.advance(ofMillis(7_999));
        cache.get("a");
        assertThat(cache.stats().refreshes()).isZero();
        time.advance(ofMillis(1));
        assertThat(cache.get("a")).isEqualTo(1);
        await().untilAsserted(() ->
                assertThat(cache.lookup("a")).isEqualTo(new Hit<>(2, "memory", ofMillis(0), ofSeconds(10))));
        assertThat(cache.stats().refreshes()).isEqualTo(1);
    }

    @Test
    void aFailedRefreshIsTriedAgainAfterAWhile() {
        use(Policy.ofTtl(ofSeconds(100)).refreshAhead(0.5).retryAfter(ofSeconds(5)));
        cache.get("a");
        sourceFails = true;
        time.advance(ofSeconds(50));
        assertThat(cache.get("a")).isEqualTo(1);
        await().until(() -> cache.stats().loadFailures() == 1);
        assertThat(cache.get("a")).isEqualTo(1);
        assertThat(cache.stats().refreshes()).isEqualTo(1);
        sourceFails = false;
        time.advance(ofSeconds(5));
        assertThat(cache.get("a")).isEqualTo(1);
        await().until(() -> cache.get("a") == 2);
    }

    @Test
    void expireMakesTheNextReadLoadAndKeepsTheOldValueForAFailure() {
        use(Policy.ofTtl(ofSeconds(10)).staleFor(ofSeconds(20)));
        cache.get("a");
        cache.expire("a");
        sourceFails = true;
        assertThat(cache.get("a")).isEqualTo(1);
        sourceFails = false;
        cache.expire("a");
        assertThat(cache.get("a")).isEqualTo(2);
    }

    @Test
    void expireForgetsWhatMayNotBeServedStale() {
        cache.get("a");
        cache.expire("a");
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
    }

    @Test
    void putReplacesAndRemoveForgets() {
        cache.put("a", 70);
        assertThat(cache.get("a")).isEqualTo(70);
        cache.putAll(Map.of("a", 71, "b", 72));
        assertThat(cache.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", 71, "b", 72));
        cache.remove("a");
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
        cache.put("b", null);
        assertThat(cache.lookup("b")).isInstanceOf(Negative.class);
        cache.removeAll(List.of("a", "b"));
        assertThat(cache.lookup("b")).isEqualTo(new Miss<>());
    }

    @Test
    void tagsOfThePolicyInvalidateTogether() {
        Cache<String, Integer> red = cache.with(cache.policy().tags("red", "warm"));
        red.put("a", 1);
        red.put("b", 2);
        cache.put("c", 3);
        cache.invalidateTag("warm");
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
        assertThat(cache.lookup("b")).isEqualTo(new Miss<>());
        assertThat(cache.lookup("c")).isInstanceOf(Hit.class);
        red.put("a", 4);
        assertThat(cache.lookup("a")).isInstanceOf(Hit.class);
    }

    @Test
    void clearForgetsEverything() {
        cache.put("a", 1);
        cache.put("b", 2);
        cache.clear();
        assertThat(cache.lookup("a")).isEqualTo(new Miss<>());
        assertThat(cache.lookup("b")).isEqualTo(new Miss<>());
    }

    @Test
    void aWriteCostsNoOtherKeyItsValue() {
        Cache<Integer, Integer> many = Cache.<Integer, Integer>builder("many")
                .memory(10_000)
                .time(time)
                .build();
        for (int i = 0; i < 5_000; i++) {
            many.put(i, i);
        }
        for (int i = 0; i < 5_000; i += 2) {
            many.remove(i);
        }
        for (int i = 1; i < 5_000; i += 2) {
            assertThat(many.get(i)).isEqualTo(i);
        }
        many.close();
    }

    @Test
    void whatIsGoneIsSweptOutOfMemory() {
        for (int i = 0; i < 100; i++) {
            cache.put("gone" + i, i);
        }
        cache.with(cache.policy().ttl(ofMinutes(1)).idle(ofSeconds(5))).put("idle", 1);
        cache.with(cache.policy().ttl(ofMinutes(1))).put("kept", 1);
        time.advance(ofSeconds(11));
        cache.put("new", 1);
        await().untilAsserted(
                        () -> assertThat(cache.stats().tier("memory").entries()).isEqualTo(2));
        assertThat(cache.stats().expirations()).isEqualTo(101);
        assertThat(cache.stats().evictions()).isZero();
    }

    @Test
    void memoryKeepsToItsBound() {
        Cache<Integer, Integer> small =
                Cache.<Integer, Integer>builder("small").memory(100).time(time).build();
        for (int i = 0; i < 10_000; i++) {
            small.put(i, i);
        }
        await().untilAsserted(() -> {
            assertThat(small.stats().tier("memory").entries()).isLessThanOrEqualTo(100);
            assertThat(small.stats().evictions()).isGreaterThanOrEqualTo(9_900);
        });
        small.close();
    }

    @Test
    void keysAreNeverNull() {
        assertThatThrownBy(() -> cache.get(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> cache.put(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> cache.remove(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> cache.getAll(java.util.Arrays.asList("a", null)))
                .isInstanceOf(NullPointerException.class);
        assertThat(cache.get("a")).as("nothing is left waiting").isNotNull();
    }

    @Test
    void aClosedCacheSaysSo() {
        cache.get("a");
        cache.close();
        assertThatThrownBy(() -> cache.get("a")).hasMessage("cache numbers is closed");
        assertThatThrownBy(() -> cache.put("a", 1)).hasMessage("cache numbers is closed");
    }
}
