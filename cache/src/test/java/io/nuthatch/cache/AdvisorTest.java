package io.nuthatch.cache;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Each piece of advice, brought about by a cache that has the fault, and silence where there is none.
class AdvisorTest {
    private final ManualTime time = new ManualTime(1_000_000);
    private final FakeTier tier = new FakeTier("far");
    private final List<Cache<?, ?>> caches = new ArrayList<>();

    private Cache<Integer, String> built(CacheBuilder<Integer, String> builder) {
        Cache<Integer, String> cache = builder.values(String.class).time(time).build();
        caches.add(cache);
        return cache;
    }

    private static CacheBuilder<Integer, String> builder() {
        return Cache.<Integer, String>builder("c").loader(key -> "value " + key);
    }

    private static void read(Cache<Integer, String> cache, int keys, int rounds) {
        for (int i = 0; i < keys * rounds; i++) {
            cache.get(i % keys);
        }
    }

    private static List<String> about(Cache<?, ?> cache) {
        return cache.advice().stream().map(Advice::about).toList();
    }

    @AfterEach
    void close() {
        caches.forEach(Cache::close);
    }

    @Test
    void aCacheThatIsWellGetsNoAdvice() {
        Cache<Integer, String> cache = built(builder().tier(tier));
        read(cache, 100, 20);
        assertThat(cache.advice()).isEmpty();
    }

    @Test
    void tooLittleRoom() {
        Cache<Integer, String> cache = built(builder().memory(100));
        read(cache, 2_000, 2);
        await().untilAsserted(() -> assertThat(about(cache)).containsExactly("memory"));
        assertThat(cache.advice().getFirst().toString())
                .startsWith("memory: only ")
                .endsWith("entries were dropped for want of room; raise .memory(), or add a tier below");
    }

    @Test
    void tooShortATtl() {
        Cache<Integer, String> cache = built(builder().ttl(ofMillis(10)));
        for (int round = 0; round < 5; round++) {
            read(cache, 500, 1);
            time.advance(ofSeconds(2));
        }
        await().untilAsserted(() -> assertThat(about(cache)).containsExactly("ttl"));
    }

    @Test
    void keysThatAreNotAskedForTwice() {
        Cache<Integer, String> cache = built(builder());
        read(cache, 2_000, 1);
        assertThat(about(cache)).containsExactly("key");
    }

    @Test
    void aSourceThatFails() {
        boolean[] fails = {false};
        Cache<Integer, String> cache = built(Cache.<Integer, String>builder("c")
                .policy(Policy.ofTtl(ofSeconds(1)).staleFor(ofHours(1)))
                .loader(key -> {
                    if (fails[0]) {
                        throw new IllegalStateException("down");
                    }
                    return "v";
                }));
        read(cache, 100, 1);
        fails[0] = true;
        time.advance(ofSeconds(1));
        read(cache, 100, 1);
        assertThat(cache.advice())
                .hasToString("[loader: 50% of the loads failed; 100 reads were served stale; see to the source]");
        assertThat(about(cache.with(Policy.ofTtl(ofSeconds(1))))).containsExactly("staleFor");
    }

    @Test
    void aTierThatIsIll() {
        tier.mood = FakeTier.Mood.FAILING;
        Cache<Integer, String> cache = built(builder().tier(tier));
        read(cache, 10, 1);
        assertThat(cache.advice().getFirst())
                .isEqualTo(new Advice(
                        "far",
                        "its breaker is open: java.lang.IllegalStateException: failing",
                        "see to the tier; the cache works without it and tries it again by itself"));
    }

    @Test
    void valuesThatCannotBeReadOrAreTooLarge() {
        Cache<Integer, String> cache = built(builder().tier(tier).maxValueBytes(7));
        cache.put(1, "12345678");
        tier.held.put("2", new Tier.Write("2", new byte[100], 1, java.util.Set.of(), 0));
        cache.get(2);
        assertThat(about(cache)).containsExactly("values", "maxValueBytes");
    }

    @Test
    void aTierThatNeverAnswers() {
        Cache<Integer, String> cache = built(builder().tier(tier));
        read(cache, 1_500, 3);
        assertThat(cache.advice())
                .hasToString("[far: it answers 0% of the reads it is asked for;"
                        + " leave the tier out, or give it a longer tierTtl]");
    }
}
