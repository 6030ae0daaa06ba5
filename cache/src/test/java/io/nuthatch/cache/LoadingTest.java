package io.nuthatch.cache;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How many loads run, on which thread, and how long readers wait for them.
class LoadingTest {
    private final ManualTime time = new ManualTime(1_000_000);
    private final AtomicInteger loads = new AtomicInteger();

    private CacheBuilder<String, String> builder() {
        return Cache.<String, String>builder("words").time(time);
    }

    @Test
    void oneLoadAnswersAllReadersOfAKey() {
        CompletableFuture<String> source = new CompletableFuture<>();
        try (Cache<String, String> cache = builder()
                .loader(key -> {
                    loads.incrementAndGet();
                    return source.join();
                })
                .build()) {
            List<CompletableFuture<String>> readers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                readers.add(cache.async().get("a").toCompletableFuture());
            }
            source.complete("value");
            assertThat(readers).allSatisfy(reader -> assertThat(reader.join()).isEqualTo("value"));
            assertThat(loads).hasValue(1);
        }
    }

    @Test
    void aLoadRunsOnTheReadersThreadWhenNothingElseIsAsked() {
        try (Cache<String, String> cache =
                builder().loader(key -> Thread.currentThread().getName()).build()) {
            assertThat(cache.get("a")).isEqualTo(Thread.currentThread().getName());
            assertThat(cache.async().get("b").toCompletableFuture().join()).startsWith("cache-words-");
        }
    }

    @Test
    void aFailureReachesEveryReader() {
        CompletableFuture<String> source = new CompletableFuture<>();
        try (Cache<String, String> cache =
                builder().loader(key -> source.join()).build()) {
            List<CompletableFuture<String>> readers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                readers.add(cache.async().get("a").toCompletableFuture());
            }
            source.completeExceptionally(new IllegalStateException("down"));
            assertThat(readers)
                    .allSatisfy(reader -> assertThatThrownBy(reader::join)
                            .isInstanceOf(CompletionException.class)
                            .hasCauseInstanceOf(CacheException.LoadFailed.class));
        }
    }

    @Test
    void aLoaderThatAsksForItsOwnKeyIsToldSo() {
        try (Cache<String, String> cache = builder().build()) {
            assertThatThrownBy(() -> cache.get("a", key -> cache.get(key, again -> "never")))
                    .isInstanceOf(CacheException.LoadFailed.class)
                    .rootCause()
                    .hasMessage("the loader of cache words asks for the key it loads: a");
        }
    }

    @Test
    void aLoaderMayAskForOtherKeys() {
        try (Cache<String, String> cache = builder().build()) {
            assertThat(cache.get("a", key -> cache.get("b", other -> "b's") + "!"))
                    .isEqualTo("b's!");
        }
    }

    @Test
    void aSlowLoadIsNotWaitedForWhenThereIsSomethingStale() {
        List<CompletableFuture<String>> answers = new CopyOnWriteArrayList<>();
        Policy policy = Policy.ofTtl(ofSeconds(10)).staleFor(ofHours(1)).softTimeout(ofMillis(100));
        try (Cache<String, String> cache = builder()
                .policy(policy)
                .loader(key -> {
                    CompletableFuture<String> answer = new CompletableFuture<>();
                    answers.add(answer);
                    return answer.join();
                })
                .build()) {
            CompletableFuture<String> first = cache.async().get("a").toCompletableFuture();
            await().until(() -> answers.size() == 1);
            time.advance(ofSeconds(1));
            assertThat(first).as("nothing is stale yet").isNotDone();
            answers.getFirst().complete("old");
            assertThat(first.join()).isEqualTo("old");

            time.advance(ofSeconds(10));
            CompletableFuture<String> second = cache.async().get("a").toCompletableFuture();
            await().until(() -> answers.size() == 2);
            time.advance(ofMillis(99));
            assertThat(second).isNotDone();
            time.advance(ofMillis(1));
            assertThat(second.join()).isEqualTo("old");

            answers.get(1).complete("new");
            await().untilAsserted(() ->
                    assertThat(cache.get("a")).as("the late result is kept").isEqualTo("new"));
            assertThat(answers).hasSize(2);
            assertThat(time.waiting()).as("timers are taken back").isZero();
        }
    }

    @Test
    void aReadThatWaitsForTwoLoadsEndsAtTheHardTimeoutToo() {
        List<CompletableFuture<String>> sources = List.of(new CompletableFuture<>(), new CompletableFuture<>());
        try (Cache<String, String> cache = builder()
                .policy(Policy.ofTtl(ofSeconds(10)).hardTimeout(ofMillis(500)))
                .loader(key -> sources.get(loads.getAndIncrement()).join())
                .build()) {
            CompletableFuture<String> first = cache.async().get("a").toCompletableFuture();
            await().until(() -> loads.get() == 1);
            cache.remove("a");
            CompletableFuture<String> reader = cache.async().get("a").toCompletableFuture();
            time.advance(ofMillis(300));
            sources.get(0).complete("overtaken");
            await().until(() -> loads.get() == 2);
            time.advance(ofMillis(199));
            assertThat(reader).isNotDone();
            time.advance(ofMillis(1));
            await().until(reader::isDone);
            assertThatThrownBy(reader::join)
                    .hasCauseInstanceOf(CacheException.LoadTimedOut.class)
                    .hasMessageContaining("waited PT0.5S");
            sources.get(1).complete("late");
            await().untilAsserted(() -> assertThat(cache.get("a")).isEqualTo("late"));
            assertThat(first.join()).isEqualTo("overtaken");
            await().untilAsserted(() ->
                    assertThat(time.waiting()).as("timers are taken back").isZero());
        }
    }

    @Test
    void aReadEndsAtTheHardTimeoutAndTheLateResultIsKept() {
        CompletableFuture<String> source = new CompletableFuture<>();
        try (Cache<String, String> cache = builder()
                .policy(Policy.ofTtl(ofSeconds(10)).hardTimeout(ofMillis(500)))
                .loader(key -> {
                    loads.incrementAndGet();
                    return source.join();
                })
                .build()) {
            CompletableFuture<String> reader = cache.async().get("a").toCompletableFuture();
            await().until(() -> loads.get() == 1);
            time.advance(ofMillis(500));
            assertThatThrownBy(reader::join)
                    .hasCauseInstanceOf(CacheException.LoadTimedOut.class)
                    .hasMessageContaining("cache words waited PT0.5S for the load of key a");
            source.complete("late");
            await().untilAsserted(() -> assertThat(cache.lookup("a")).isInstanceOf(Lookup.Hit.class));
            assertThat(cache.get("a")).isEqualTo("late");
            assertThat(loads).hasValue(1);
        }
    }

    @Test
    void aWriteDuringALoadWins() {
        CompletableFuture<String> source = new CompletableFuture<>();
        try (Cache<String, String> cache = builder()
                .loader(key -> {
                    loads.incrementAndGet();
                    return source.join();
                })
                .build()) {
            CompletableFuture<String> reader = cache.async().get("a").toCompletableFuture();
            await().until(() -> loads.get() == 1);
            cache.put("a", "written");
            source.complete("read before the write");
            assertThat(reader.join()).isEqualTo("read before the write");
            assertThat(cache.get("a")).isEqualTo("written");
            assertThat(cache.stats().overtaken()).isEqualTo(1);
        }
    }

    @Test
    void aRemovalDuringALoadKeepsItsResultOut() {
        for (String how : List.of("remove", "expire", "clear", "tag")) {
            CompletableFuture<String> source = new CompletableFuture<>();
            AtomicInteger started = new AtomicInteger();
            try (Cache<String, String> cache = builder()
                    .source((key, known) -> {
                        started.incrementAndGet();
                        return Loaded.value(source.join()).tags("t");
                    })
                    .build()) {
                CompletableFuture<String> reader = cache.async().get("a").toCompletableFuture();
                await().until(() -> started.get() == 1);
                switch (how) {
                    case "remove" -> cache.remove("a");
                    case "expire" -> cache.expire("a");
                    case "clear" -> cache.clear();
                    default -> cache.invalidateTag("t");
                }
                source.complete("old");
                assertThat(reader.join()).isEqualTo("old");
                assertThat(cache.lookup("a")).as(how).isEqualTo(new Lookup.Miss<>());
            }
        }
    }

    /// The result of the earlier load is for those who asked before the change.
    @Test
    void aReaderAfterAChangeWaitsForALoadThatBeganAfterIt() {
        CompletableFuture<String> first = new CompletableFuture<>();
        AtomicInteger started = new AtomicInteger();
        try (Cache<String, String> cache = builder()
                .source((key, known) -> Loaded.value(started.incrementAndGet() == 1 ? first.join() : "new"))
                .build()) {
            CompletableFuture<String> early = cache.async().get("a").toCompletableFuture();
            await().until(() -> started.get() == 1);
            cache.remove("a");
            CompletableFuture<String> late = cache.async().get("a").toCompletableFuture();
            first.complete("old");
            assertThat(early.join()).isEqualTo("old");
            assertThat(late.join()).isEqualTo("new");
        }
    }

    @Test
    void aReaderWithALoaderIsNotContentWithTheMissOfOneWithout() {
        FakeTier tier = new FakeTier("redis");
        tier.mood = FakeTier.Mood.HANGING;
        try (Cache<String, String> cache =
                builder().tier(tier).values(String.class).build()) {
            CompletableFuture<String> without = cache.async().get("a").toCompletableFuture();
            await().until(() -> time.waiting() == 1);
            CompletableFuture<String> with =
                    cache.async().get("a", key -> "loaded").toCompletableFuture();
            tier.mood = FakeTier.Mood.WELL;
            time.advance(ofMillis(500));
            assertThat(without.join()).isNull();
            assertThat(with.join()).isEqualTo("loaded");
        }
    }

    @Test
    void manyKeysAreLoadedTogether() {
        List<Set<String>> asked = new CopyOnWriteArrayList<>();
        try (Cache<String, String> cache = builder()
                .bulkLoader(keys -> {
                    asked.add(keys);
                    Map<String, String> values = new java.util.HashMap<>();
                    keys.stream().filter(key -> !key.equals("none")).forEach(key -> values.put(key, key + "!"));
                    return values;
                })
                .build()) {
            assertThat(cache.get("a")).isEqualTo("a!");
            assertThat(cache.getAll(List.of("a", "b", "none", "c", "b")))
                    .isEqualTo(Map.of("a", "a!", "b", "b!", "c", "c!"));
            assertThat(asked).containsExactly(Set.of("a"), Set.of("b", "none", "c"));
            assertThat(cache.getAll(List.of("a", "b", "none", "c"))).hasSize(3);
            assertThat(asked).as("absence is remembered too").hasSize(2);
        }
    }

    @Test
    void manyKeysAreLoadedSideBySideWithoutABulkLoader() {
        CompletableFuture<String> source = new CompletableFuture<>();
        try (Cache<String, String> cache = builder()
                .loader(key -> {
                    if (loads.incrementAndGet() == 20) {
                        source.complete("!");
                    }
                    return key + source.join();
                })
                .build()) {
            List<String> keys = IntStream.range(0, 20).mapToObj(i -> "k" + i).toList();
            assertThat(cache.getAll(keys)).hasSize(20).containsEntry("k7", "k7!");
        }
    }

    @Test
    void warmingLoadsWhatIsMissingAndForgivesFailures() {
        try (Cache<String, String> cache = builder()
                .loader(key -> {
                    if (key.equals("bad")) {
                        throw new IllegalStateException("bad");
                    }
                    loads.incrementAndGet();
                    return key;
                })
                .build()) {
            cache.get("a");
            cache.warm(List.of("a", "b", "bad", "c"));
            await().until(() -> loads.get() == 3);
            assertThat(cache.lookup("c")).isInstanceOf(Lookup.Hit.class);
        }
    }

    @Test
    void theWholeOfABulkLoadFailsOrIsStale() {
        AtomicInteger calls = new AtomicInteger();
        try (Cache<String, String> cache = builder()
                .policy(Policy.ofTtl(ofSeconds(10)).staleFor(ofHours(1)))
                .bulkLoader(keys -> {
                    if (calls.incrementAndGet() > 1) {
                        throw new IllegalStateException("down");
                    }
                    return Map.of("a", "1", "b", "2");
                })
                .build()) {
            cache.getAll(List.of("a", "b"));
            time.advance(ofSeconds(10));
            assertThat(cache.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThatThrownBy(() -> cache.getAll(List.of("c", "d"))).isInstanceOf(CacheException.LoadFailed.class);
        }
    }

    @Test
    void aSourceThatAnswersNullIsAFailure() {
        try (Cache<String, String> cache =
                builder().source((key, known) -> null).build()) {
            assertThatThrownBy(() -> cache.get("a"))
                    .rootCause()
                    .hasMessage("the source returned null; Loaded.absent() says that there is no value");
        }
    }

    @Test
    void notModifiedWithoutAnythingKnownIsAFailure() {
        try (Cache<String, String> cache =
                builder().source((key, known) -> Loaded.notModified()).build()) {
            assertThatThrownBy(() -> cache.get("a")).isInstanceOf(CacheException.LoadFailed.class);
        }
    }
}
