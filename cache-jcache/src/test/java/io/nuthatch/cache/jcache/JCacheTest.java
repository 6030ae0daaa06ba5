package io.nuthatch.cache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.CacheHealth;
import io.nuthatch.cache.Codec;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.Disk;
import io.nuthatch.cache.ManualTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.event.CacheEntryCreatedListener;
import javax.cache.event.CacheEntryEvent;
import javax.cache.event.CacheEntryExpiredListener;
import javax.cache.event.CacheEntryListenerException;
import javax.cache.event.CacheEntryRemovedListener;
import javax.cache.event.CacheEntryUpdatedListener;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListenerFuture;
import javax.cache.processor.EntryProcessorException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the compatibility kit does not ask: tiers, copies, expiry by the clock, threads, bad input.
class JCacheTest {
    /// A record that Java cannot serialize.
    record User(long id, String name, List<String> roles) {}

    /// What can be changed and cannot be copied.
    static final class Counter {
        int count;
    }

    private static final Duration TEN_SECONDS = new Duration(TimeUnit.SECONDS, 10);

    private final NuthatchProvider provider = new NuthatchProvider();
    private final CacheManager manager = provider.getCacheManager();
    private final ManualTime time = new ManualTime(1_000_000);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        provider.close();
    }

    private TieredConfiguration<String, String> texts() {
        var texts = new TieredConfiguration<String, String>().time(time);
        texts.setTypes(String.class, String.class);
        return texts;
    }

    private TieredConfiguration<String, String> texts(ExpiryPolicy policy) {
        TieredConfiguration<String, String> texts = texts();
        texts.setExpiryPolicyFactory(() -> policy);
        return texts;
    }

    // Tiers

    private TieredConfiguration<Long, User> usersOnDisk() {
        var users = new TieredConfiguration<Long, User>().disk(Disk.in(folder));
        users.setTypes(Long.class, User.class);
        return users;
    }

    @Test
    void aTierKeepsValuesWithoutJavaSerialization() {
        User ada = new User(7, "Ada", new ArrayList<>(List.of("admin")));
        manager.createCache("users", usersOnDisk()).put(7L, ada);
        manager.close();

        Cache<Long, User> again = provider.getCacheManager().createCache("users", usersOnDisk());
        assertThat(again).as("memory is empty").isEmpty();
        assertThat(again.get(7L)).isEqualTo(ada);
        assertThat(again.putIfAbsent(7L, ada)).isFalse();
        again.removeAll();
        again.put(8L, ada);
        provider.close();
        assertThat(provider.getCacheManager()
                        .createCache("users", usersOnDisk())
                        .get(7L))
                .as("removed from the disk too")
                .isNull();
    }

    @Test
    void removingAllRemovesWhatIsOnDiskAlone() {
        manager.createCache("users", usersOnDisk()).put(7L, new User(7, "Ada", List.of()));
        manager.close();
        Cache<Long, User> again = provider.getCacheManager().createCache("users", usersOnDisk());
        again.removeAll();
        assertThat(again.get(7L)).isNull();
    }

    @Test
    void destroyingForgetsAndClosingDoesNot() {
        manager.createCache("users", usersOnDisk()).put(7L, new User(7, "Ada", List.of()));
        manager.getCache("users").close();
        assertThat(manager.createCache("users", usersOnDisk()).get(7L)).isNotNull();
        manager.destroyCache("users");
        assertThat(manager.createCache("users", usersOnDisk()).get(7L)).isNull();
    }

    @Test
    void theTiersAreToBeHadThroughUnwrap() {
        Cache<Long, User> users = manager.createCache("users", usersOnDisk());
        var tiers = users.unwrap(io.nuthatch.cache.Cache.class);
        assertThat(tiers.health().tiers())
                .extracting(CacheHealth.TierHealth::name)
                .containsExactly("memory", "disk");
        assertThatThrownBy(() -> users.unwrap(String.class)).isInstanceOf(IllegalArgumentException.class);
    }

    // Copies

    @Test
    void aValueIsCopiedByItsCodec() {
        var users = new TieredConfiguration<Long, User>().values(Codec.json(User.class));
        Cache<Long, User> cache = manager.createCache("users", users);
        List<String> roles = new ArrayList<>(List.of("admin"));
        cache.put(7L, new User(7, "Ada", roles));
        roles.add("root");
        assertThat(cache.get(7L).roles()).containsExactly("admin");
        cache.get(7L).roles().add("root");
        assertThat(cache.get(7L).roles()).containsExactly("admin");
    }

    @Test
    void aSerializableValueIsCopiedAndAnImmutableOneIsNot() {
        Cache<String, Object> cache =
                manager.createCache("things", new MutableConfiguration<String, Object>().setStoreByValue(true));
        HashMap<String, Integer> map = new HashMap<>(Map.of("a", 1));
        cache.put("map", map);
        map.clear();
        assertThat(cache.get("map")).isEqualTo(Map.of("a", 1)).isNotSameAs(cache.get("map"));
        for (Object immutable : List.of("text", 1L, TimeUnit.DAYS, java.time.Instant.EPOCH)) {
            cache.put("one", immutable);
            assertThat(cache.get("one")).isSameAs(immutable);
        }
        record Point(int x, int y, String name) {}
        Point point = new Point(1, 2, "here");
        cache.put("point", point);
        assertThat(cache.get("point")).as("a record of immutables").isSameAs(point);
    }

    @Test
    void whatCannotBeCopiedIsRefusedWithARemedy() {
        Cache<String, Counter> byValue = manager.createCache("byValue", new MutableConfiguration<String, Counter>());
        assertThatThrownBy(() -> byValue.put("a", new Counter()))
                .isInstanceOf(CacheException.class)
                .hasMessageContainingAll(
                        "JCacheTest$Counter", "Serializable", ".values(codec)", "setStoreByValue(false)");
        assertThat(byValue.containsKey("a")).isFalse();
        Cache<String, Counter> byReference =
                manager.createCache("byReference", new MutableConfiguration<String, Counter>().setStoreByValue(false));
        Counter counter = new Counter();
        byReference.put("a", counter);
        assertThat(byReference.get("a")).isSameAs(counter);
    }

    // Expiry

    @Test
    void anEntryEndsWithItsTerm() {
        Cache<String, String> cache = manager.createCache("c", texts(new CreatedExpiryPolicy(TEN_SECONDS)));
        cache.put("a", "1");
        time.advance(java.time.Duration.ofSeconds(9));
        cache.put("a", "2");
        assertThat(cache.get("a")).isEqualTo("2");
        time.advance(java.time.Duration.ofSeconds(1));
        assertThat(cache.get("a")).as("an update does not prolong it").isNull();
        assertThat(cache).isEmpty();
        assertThat(cache.containsKey("a")).isFalse();
    }

    @Test
    void anUpdateProlongsUnderThePolicyOfModifications() {
        Cache<String, String> cache = manager.createCache("c", texts(new ModifiedExpiryPolicy(TEN_SECONDS)));
        cache.put("a", "1");
        time.advance(java.time.Duration.ofSeconds(9));
        cache.replace("a", "1", "2");
        time.advance(java.time.Duration.ofSeconds(9));
        assertThat(cache.get("a")).isEqualTo("2");
        time.advance(java.time.Duration.ofSeconds(1));
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void aReadingProlongsUnderThePolicyOfAccess() {
        Cache<String, String> cache = manager.createCache("c", texts(new AccessedExpiryPolicy(TEN_SECONDS)));
        cache.put("a", "1");
        for (int i = 0; i < 5; i++) {
            time.advance(java.time.Duration.ofSeconds(9));
            assertThat(cache.get("a")).isEqualTo("1");
        }
        assertThat(cache.containsKey("a")).isTrue();
        time.advance(java.time.Duration.ofSeconds(10));
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void aPolicyThatFailsKeepsEntries() {
        Cache<String, String> cache = manager.createCache("c", texts(new ExpiryPolicy() {
            @Override
            public Duration getExpiryForCreation() {
                throw new IllegalStateException("creation");
            }

            @Override
            public Duration getExpiryForAccess() {
                throw new IllegalStateException("access");
            }

            @Override
            public Duration getExpiryForUpdate() {
                throw new IllegalStateException("update");
            }
        }));
        cache.put("a", "1");
        cache.put("a", "2");
        assertThat(cache.get("a")).isEqualTo("2");
        assertThat(cache.get("a")).isEqualTo("2");
    }

    // Listeners

    /// Notes what it is told.
    private static final class Notes
            implements CacheEntryCreatedListener<String, String>,
                    CacheEntryUpdatedListener<String, String>,
                    CacheEntryRemovedListener<String, String>,
                    CacheEntryExpiredListener<String, String> {
        final ConcurrentLinkedQueue<String> notes = new ConcurrentLinkedQueue<>();
        volatile boolean fails;

        private void note(Iterable<CacheEntryEvent<? extends String, ? extends String>> events) {
            events.forEach(event -> notes.add(
                    event.getEventType() + " " + event.getKey() + " " + event.getOldValue() + ">" + event.getValue()));
            if (fails) {
                throw new IllegalStateException("listener");
            }
        }

        @Override
        public void onCreated(Iterable<CacheEntryEvent<? extends String, ? extends String>> events) {
            note(events);
        }

        @Override
        public void onUpdated(Iterable<CacheEntryEvent<? extends String, ? extends String>> events) {
            note(events);
        }

        @Override
        public void onRemoved(Iterable<CacheEntryEvent<? extends String, ? extends String>> events) {
            note(events);
        }

        @Override
        public void onExpired(Iterable<CacheEntryEvent<? extends String, ? extends String>> events) {
            note(events);
        }

        MutableCacheEntryListenerConfiguration<String, String> as(boolean synchronous) {
            return new MutableCacheEntryListenerConfiguration<>(() -> this, null, true, synchronous);
        }
    }

    @Test
    void listenersAreToldTheWholeLifeOfAnEntry() {
        Notes notes = new Notes();
        TieredConfiguration<String, String> texts = texts(new CreatedExpiryPolicy(TEN_SECONDS));
        texts.addCacheEntryListenerConfiguration(notes.as(true));
        Cache<String, String> cache = manager.createCache("c", texts);
        cache.put("a", "1");
        cache.put("a", "2");
        cache.remove("a");
        cache.put("b", "3");
        time.advance(java.time.Duration.ofSeconds(10));
        assertThat(cache.get("b")).isNull();
        cache.put("b", "4");
        time.advance(java.time.Duration.ofSeconds(10));
        cache.put("b", "5");
        assertThat(notes.notes)
                .containsExactly(
                        "CREATED a null>1",
                        "UPDATED a 1>2",
                        "REMOVED a 2>2",
                        "CREATED b null>3",
                        "EXPIRED b 3>3",
                        "CREATED b null>4",
                        "EXPIRED b 4>4",
                        "CREATED b null>5");
    }

    @Test
    void asynchronousListenersAreToldInOrder() {
        Notes notes = new Notes();
        Cache<String, String> cache = manager.createCache("c", texts());
        cache.registerCacheEntryListener(notes.as(false));
        List<String> expected = new ArrayList<>(List.of("CREATED a null>0"));
        cache.put("a", "0");
        for (int i = 1; i < 100; i++) {
            cache.put("a", "" + i);
            expected.add("UPDATED a " + (i - 1) + ">" + i);
        }
        await().untilAsserted(() -> assertThat(notes.notes).containsExactlyElementsOf(expected));
    }

    @Test
    void aSynchronousListenerThatFailsTellsTheCallerAfterTheChange() {
        Notes notes = new Notes();
        Cache<String, String> cache = manager.createCache("c", texts());
        var listener = notes.as(true);
        cache.registerCacheEntryListener(listener);
        notes.fails = true;
        assertThatThrownBy(() -> cache.put("a", "1"))
                .isInstanceOf(CacheEntryListenerException.class)
                .hasRootCauseMessage("listener");
        assertThat(cache.get("a")).isEqualTo("1");
        cache.deregisterCacheEntryListener(listener);
        cache.put("a", "2");
    }

    // Threads

    private static void together(int threads, Runnable work) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(executor.submit(() -> {
                    start.await();
                    work.run();
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : all) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void anEntryProcessorIsOneStep() throws Exception {
        Cache<String, Integer> cache = manager.createCache("c", new MutableConfiguration<String, Integer>());
        together(4, () -> {
            for (int i = 0; i < 500; i++) {
                cache.invoke("count", (entry, arguments) -> {
                    entry.setValue(entry.exists() ? entry.getValue() + 1 : 1);
                    return null;
                });
            }
        });
        assertThat(cache.get("count")).isEqualTo(2_000);
    }

    @Test
    void onlyOneThreadPutsWhatIsAbsent() throws Exception {
        Cache<Integer, Integer> cache = manager.createCache("c", new MutableConfiguration<Integer, Integer>());
        AtomicInteger winners = new AtomicInteger();
        together(4, () -> {
            for (int i = 0; i < 500; i++) {
                if (cache.putIfAbsent(i, i)) {
                    winners.incrementAndGet();
                }
            }
        });
        assertThat(winners).hasValue(500);
    }

    /// Loads numbers of Fibonacci through the cache itself.
    private static final class Fibonacci implements CacheLoader<Integer, Long> {
        final AtomicInteger loads = new AtomicInteger();
        Cache<Integer, Long> cache;

        @Override
        public Long load(Integer n) {
            loads.incrementAndGet();
            return n < 2 ? n : cache.get(n - 1) + cache.get(n - 2);
        }

        @Override
        public Map<Integer, Long> loadAll(Iterable<? extends Integer> keys) {
            Map<Integer, Long> all = new HashMap<>();
            keys.forEach(key -> all.put(key, load(key)));
            return all;
        }
    }

    @Test
    void aLoaderMayAskForOtherKeysAndLoadsEachOnce() throws Exception {
        Fibonacci fibonacci = new Fibonacci();
        fibonacci.cache = manager.createCache(
                "fibonacci",
                new MutableConfiguration<Integer, Long>().setReadThrough(true).setCacheLoaderFactory(() -> fibonacci));
        together(4, () -> assertThat(fibonacci.cache.get(60)).isEqualTo(1_548_008_755_920L));
        assertThat(fibonacci.loads).hasValue(61);
        assertThat(fibonacci.cache.getAll(Set.of(60, 61))).hasSize(2);
    }

    @Test
    void manyKeysAreLockedInOneOrder() throws Exception {
        Cache<String, String> cache = manager.createCache("c", texts());
        Map<String, String> forth = Map.of("a", "1", "b", "1", "c", "1");
        AtomicInteger turn = new AtomicInteger();
        together(4, () -> {
            for (int i = 0; i < 500; i++) {
                if (turn.incrementAndGet() % 2 == 0) {
                    cache.putAll(forth);
                } else {
                    cache.removeAll(Set.of("c", "b", "a"));
                }
            }
        });
        cache.putAll(forth);
        assertThat(cache).hasSize(3);
    }

    // Bad input

    /// A writer that fails when it is told to.
    private static final class Database implements CacheWriter<String, String> {
        final Map<String, String> rows = new ConcurrentHashMap<>();
        volatile boolean down;

        private void check() {
            if (down) {
                throw new IllegalStateException("down");
            }
        }

        @Override
        public void write(Cache.Entry<? extends String, ? extends String> entry) {
            check();
            rows.put(entry.getKey(), entry.getValue());
        }

        @Override
        public void writeAll(java.util.Collection<Cache.Entry<? extends String, ? extends String>> entries) {
            entries.removeIf(entry -> {
                if (entry.getKey().equals("bad")) {
                    return false;
                }
                rows.put(entry.getKey(), entry.getValue());
                return true;
            });
            if (!entries.isEmpty()) {
                throw new IllegalStateException("bad entry");
            }
        }

        @Override
        public void delete(Object key) {
            check();
            rows.remove(key);
        }

        @Override
        public void deleteAll(java.util.Collection<?> keys) {
            keys.removeIf(key -> {
                rows.remove(key);
                return true;
            });
        }
    }

    @Test
    void aWriterThatFailsLeavesTheCacheAsItWas() {
        Database database = new Database();
        TieredConfiguration<String, String> texts = texts();
        texts.setWriteThrough(true).setCacheWriterFactory(() -> database);
        Cache<String, String> cache = manager.createCache("c", texts);
        cache.put("a", "1");
        database.down = true;
        assertThatThrownBy(() -> cache.put("a", "2"))
                .isInstanceOf(CacheWriterException.class)
                .hasRootCauseMessage("down");
        assertThatThrownBy(() -> cache.remove("a")).isInstanceOf(CacheWriterException.class);
        assertThat(cache.get("a")).isEqualTo("1");
        database.down = false;
        assertThatThrownBy(() -> cache.putAll(Map.of("b", "1", "bad", "1", "c", "1")))
                .isInstanceOf(CacheWriterException.class);
        assertThat(cache.containsKey("bad")).isFalse();
        assertThat(cache.getAll(Set.of("a", "b", "c"))).isEqualTo(database.rows);
    }

    @Test
    void aLoaderThatFailsFailsTheReadAndKeepsNothing() throws Exception {
        TieredConfiguration<String, String> texts = texts();
        texts.setReadThrough(true).setCacheLoaderFactory(() -> new CacheLoader<>() {
            @Override
            public String load(String key) {
                if (key.isEmpty()) {
                    return null;
                }
                throw new IllegalStateException("down");
            }

            @Override
            public Map<String, String> loadAll(Iterable<? extends String> keys) {
                throw new IllegalStateException("down");
            }
        });
        Cache<String, String> cache = manager.createCache("c", texts);
        assertThat(cache.get("")).as("null is no value").isNull();
        assertThatThrownBy(() -> cache.get("a"))
                .isInstanceOf(CacheLoaderException.class)
                .hasRootCauseMessage("down");
        assertThatThrownBy(() -> cache.getAll(Set.of("a"))).isInstanceOf(CacheLoaderException.class);
        CompletionListenerFuture done = new CompletionListenerFuture();
        cache.loadAll(Set.of("a"), true, done);
        assertThatThrownBy(done::get).hasCauseInstanceOf(CacheLoaderException.class);
        assertThat(cache).isEmpty();
    }

    @Test
    void anEntryProcessorThatFailsChangesNothing() {
        Cache<String, String> cache = manager.createCache("c", texts());
        cache.put("a", "1");
        assertThatThrownBy(() -> cache.invoke("a", (entry, arguments) -> {
                    entry.setValue("2");
                    throw new IllegalStateException("processor");
                }))
                .isInstanceOf(EntryProcessorException.class)
                .hasRootCauseMessage("processor");
        assertThat(cache.get("a")).isEqualTo("1");
    }

    @Test
    void configurationsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> manager.createCache("c", texts().setReadThrough(true)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("readThrough: there is no loader to read from; write .setCacheLoaderFactory(...)");
        assertThatThrownBy(() -> manager.createCache("c", texts().setWriteThrough(true)))
                .hasMessage("writeThrough: there is no writer to write to; write .setCacheWriterFactory(...)");
        assertThatThrownBy(() -> manager.createCache("c", texts().memory(0))).hasMessageStartingWith("memory: ");
        assertThatThrownBy(() -> texts().maxValueBytes(0)).hasMessageStartingWith("maxValueBytes: ");
        assertThatThrownBy(
                        () -> manager.createCache("c", new TieredConfiguration<Object, Object>().disk(Disk.in(folder))))
                .hasMessageStartingWith("values: ")
                .hasMessageEndingWith("write .setTypes(Long.class, User.class), or .values(codec)");
        assertThat(manager.getCacheNames()).as("nothing is left behind").isEmpty();
        manager.createCache("c", texts());
        assertThatThrownBy(() -> manager.createCache("c", texts()))
                .isInstanceOf(CacheException.class)
                .hasMessageEndingWith("there is a cache of this name already: c");
        assertThatThrownBy(() -> manager.getCache("c", Long.class, String.class))
                .isInstanceOf(ClassCastException.class);
    }

    @Test
    void aKeyThatIsNullIsRefusedAndAClosedCacheToo() {
        Cache<String, String> cache = manager.createCache("c", texts());
        assertThatThrownBy(() -> cache.get(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> cache.put("a", null)).isInstanceOf(NullPointerException.class);
        cache.close();
        assertThatThrownBy(() -> cache.get("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("cache c is closed");
        assertThat(manager.getCacheNames()).isEmpty();
    }
}
