package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.FaultyStore.Fault;
import io.nuthatch.cache.jdbc.JdbcStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Write-behind over SQLite, whose triggers count each change of a row.
class WriteBehindTest {
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private FaultyStore<Integer, String> store;

    @BeforeEach
    void makeTable() throws Exception {
        sql("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT CHECK (value <> 'bad'), version INTEGER)");
        sql("CREATE TABLE audit (id INTEGER, value TEXT)");
        sql("CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO audit VALUES (new.id, new.value); END");
        sql("CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO audit VALUES (new.id, new.value); END");
        sql("CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO audit VALUES (old.id, NULL); END");
        store = store();
    }

    private String url() {
        return "jdbc:sqlite:" + folder.resolve("test.db");
    }

    private FaultyStore<Integer, String> store() {
        return new FaultyStore<>(
                JdbcStore.at(url(), Integer.class, String.class).table("t").build());
    }

    private void sql(String text) throws Exception {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private List<String> rows(String select) throws Exception {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    private WriteBehind options() {
        return WriteBehind.in(folder.resolve("journal"))
                .pauses(Duration.ofMillis(1), Duration.ofMillis(20))
                .drain(Duration.ofSeconds(20));
    }

    private CacheBuilder<Integer, String> builder(WriteBehind options) {
        return Cache.<Integer, String>builder("t")
                .keys(Integer.class)
                .values(String.class)
                .store(store)
                .writeBehind(options);
    }

    private static Map<Integer, String> numbered(int count) {
        Map<Integer, String> values = new HashMap<>();
        IntStream.range(0, count).forEach(i -> values.put(i, "v" + i));
        return values;
    }

    @Test
    void changesReachTheStoreInBatches() throws Exception {
        try (var cache = builder(options()).build()) {
            cache.putAll(numbered(2_500));
            cache.remove(7);
            cache.flush();

            assertThat(rows("SELECT count(*) FROM t")).containsExactly("2499");
            assertThat(store.batches).hasSizeBetween(3, 10);
            assertThat(cache.stats().backlog()).isEqualTo(Writer.Backlog.NONE);
        }
    }

    @Test
    void readsSeeWhatWaits() throws Exception {
        try (var cache = builder(options().delay(LONG)).build()) {
            cache.put(1, "one");
            cache.put(2, "two");
            cache.put(3, "three");
            cache.remove(2);
            cache.clear();

            assertThat(rows("SELECT * FROM t")).isEmpty();
            assertThat(cache.lookup(1))
                    .isInstanceOfSatisfying(
                            Lookup.Hit.class, hit -> assertThat(hit.value()).isEqualTo("one"));
            cache.clear();
            assertThat(cache.get(1)).isEqualTo("one");
            assertThat(cache.get(2)).isNull();
            cache.clear();
            assertThat(cache.getAll(List.of(1, 2, 3, 4))).isEqualTo(Map.of(1, "one", 3, "three"));
            assertThat(cache.stats().backlog().depth()).isEqualTo(4);
        }
        assertThat(rows("SELECT value FROM t ORDER BY id")).containsExactly("one", "three");
    }

    @Test
    void aChangeWaitsForOthersNoLongerThanTheDelay() {
        ManualTime time = new ManualTime(1_000_000);
        try (var cache =
                builder(options().delay(Duration.ofMillis(50))).time(time).build()) {
            cache.put(1, "one");
            await().until(() -> time.waiting() > 0);
            time.advance(Duration.ofMillis(49));
            assertThat(cache.stats().backlog()).isEqualTo(new Writer.Backlog(1, 49, 0, ""));

            time.advance(Duration.ofMillis(1));
            await().until(() -> cache.stats().backlog().depth() == 0);
            assertThat(store.batches).hasSize(1);
        }
    }

    @Test
    void aFullBatchDoesNotWait() {
        try (var cache = builder(options().delay(LONG).batch(10)).build()) {
            cache.putAll(numbered(25));
            await().until(() -> cache.stats().backlog().depth() == 5);

            assertThat(store.batches)
                    .extracting(batch -> batch.changes().size())
                    .containsExactly(10, 10);
        }
    }

    @Test
    void aLargeBatchDoesNotWait() {
        try (var cache = builder(options().delay(LONG).batchBytes(10_000)).build()) {
            for (int i = 0; i < 9; i++) {
                cache.put(i, "x".repeat(3_000));
            }
            await().until(() -> cache.stats().backlog().depth() <= 3);

            assertThat(store.batches)
                    .allSatisfy(batch -> assertThat(batch.changes()).hasSizeLessThanOrEqualTo(3));
        }
    }

    @Test
    void ofAKeyABatchHasTheLastChange() throws Exception {
        try (var cache = builder(options().delay(LONG)).build()) {
            for (int i = 0; i < 100; i++) {
                cache.put(i % 2, "v" + i);
            }
            cache.remove(1);
            cache.flush();

            assertThat(store.batches).hasSize(1);
            assertThat(store.batches.getFirst().changes()).hasSize(2);
            assertThat(store.batches.getFirst().last()).isEqualTo(101);
            assertThat(rows("SELECT value FROM audit")).containsExactly("v98");
        }
    }

    @Test
    void manyWritersShareASync() throws Exception {
        try (var cache = builder(options()).build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writes = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                int id = i;
                writes.add(threads.submit(() -> cache.put(id, "v" + id)));
            }
            for (Future<?> write : writes) {
                write.get();
            }
            cache.flush();
            assertThat(rows("SELECT count(*) FROM t")).containsExactly("1000");
        }
    }

    @Test
    void aStoreThatIsAwayIsTriedAgain() throws Exception {
        ManualTime time = new ManualTime(1_000_000);
        WriteBehind patient = options().delay(Duration.ZERO).pauses(Duration.ofMillis(100), Duration.ofMillis(300));
        try (var cache = builder(patient).time(time).build()) {
            cache.flush();
            store.fault = Fault.AWAY;
            store.attempts.set(0);
            cache.put(1, "one");
            await().until(() -> store.attempts.get() == 1 && time.waiting() == 1);

            assertThat(cache.health().isUp()).isFalse();
            assertThat(cache.health().writer()).contains("away");
            assertThat(cache.advice())
                    .anySatisfy(advice -> assertThat(advice.finding()).contains("do not reach the source"));
            assertThat(cache.get(1)).isEqualTo("one");

            for (int pauseMs : new int[] {100, 200, 300, 300}) {
                int before = store.attempts.get();
                time.advance(Duration.ofMillis(pauseMs - 1));
                assertThat(store.attempts.get()).isEqualTo(before);
                time.advance(Duration.ofMillis(1));
                await().until(() -> store.attempts.get() == before + 1 && time.waiting() == 1);
            }
            assertThat(cache.stats().backlog().lagMs()).isEqualTo(900);

            store.fault = Fault.NONE;
            time.advance(Duration.ofMillis(300));
            cache.flush();
            assertThat(cache.health().isUp()).isTrue();
            assertThat(rows("SELECT value FROM audit")).containsExactly("one");
        }
    }

    @Test
    void aLostAnswerMakesNoChangeTwice() throws Exception {
        try (var cache = builder(options()).build()) {
            cache.flush();
            store.fault = Fault.ANSWER_LOST;
            cache.put(1, "one");
            cache.flush();

            assertThat(store.fault).isEqualTo(Fault.NONE);
            assertThat(rows("SELECT value FROM audit")).containsExactly("one");
        }
    }

    @Test
    void whatTheStoreRefusesBecomesADeadLetter() throws Exception {
        try (var cache = builder(options().delay(LONG)).build()) {
            Map<Integer, String> values = numbered(100);
            values.put(41, "bad");
            values.put(42, "bad");
            cache.putAll(values);
            cache.flush();

            assertThat(rows("SELECT count(*) FROM t")).containsExactly("98");
            assertThat(rows("SELECT CAST(change_key AS TEXT) FROM nuthatch_dead_letters ORDER BY 1"))
                    .containsExactly("41", "42");
            assertThat(rows("SELECT DISTINCT CAST(change_value AS TEXT) FROM nuthatch_dead_letters"))
                    .containsExactly("bad");
            assertThat(rows("SELECT count(*) FROM audit")).containsExactly("98");
            assertThat(cache.stats().backlog().givenUp()).isEqualTo(2);
            assertThat(cache.advice())
                    .anySatisfy(advice -> assertThat(advice.remedy()).contains("nuthatch_dead_letters"));
            await().untilAsserted(() -> assertThat(cache.get(41)).isNull());
        }
    }

    @Test
    void aLostAnswerToADeadLetterKeepsItOnce() throws Exception {
        try (var cache = builder(options().delay(LONG)).build()) {
            cache.flush();
            cache.put(1, "bad");
            store.fault = Fault.ANSWER_LOST;
            cache.flush();

            assertThat(rows("SELECT count(*) FROM nuthatch_dead_letters")).containsExactly("1");
        }
    }

    @Test
    void aFullQueueMakesWritersWait() throws Exception {
        try (var cache = builder(options().batch(5).maxChanges(10).patience(Duration.ofMillis(100)))
                .build()) {
            cache.flush();
            store.fault = Fault.AWAY;
            for (int i = 0; i < 10; i++) {
                cache.put(i, "v");
            }
            assertThatThrownBy(() -> cache.put(10, "v"))
                    .isInstanceOf(CacheException.WriteFailed.class)
                    .hasCauseInstanceOf(TimeoutException.class);

            store.fault = Fault.NONE;
            await().until(() -> cache.stats().backlog().depth() == 0);
            cache.put(11, "v");
            cache.flush();
            assertThat(rows("SELECT count(*) FROM t")).containsExactly("11");
        }
    }

    @Test
    void whileTheStoreIsAwayAChangeTakesThePlaceOfAnEarlierOne() throws Exception {
        try (var cache = builder(options().batch(2).maxChanges(4).patience(Duration.ofMillis(100)))
                .build()) {
            cache.flush();
            store.fault = Fault.AWAY;
            cache.put(0, "first");
            cache.put(0, "second");
            await().until(() -> !cache.health().isUp());
            for (int i = 0; i < 100; i++) {
                cache.put(1, "v" + i);
            }
            cache.clear();
            assertThat(cache.get(1)).isEqualTo("v99");
            store.fault = Fault.NONE;
            cache.flush();

            assertThat(rows("SELECT value FROM audit WHERE id = 1").getLast()).isEqualTo("v99");
            assertThat(rows("SELECT value FROM audit WHERE id = 1")).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void aFullJournalMakesWritersWait() throws Exception {
        WriteBehind small = options().segmentBytes(4_096).maxJournalBytes(8_192).patience(Duration.ofMillis(100));
        try (var cache = builder(small).build()) {
            cache.flush();
            store.fault = Fault.AWAY;
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            cache.put(i, "x".repeat(500));
                        }
                    })
                    .isInstanceOf(CacheException.WriteFailed.class);
            store.fault = Fault.NONE;
            cache.flush();
            for (int i = 0; i < 100; i++) {
                cache.put(i, "y".repeat(500));
                cache.flush();
            }
            assertThat(rows("SELECT count(*) FROM t WHERE value LIKE 'y%'")).containsExactly("100");
        }
    }

    @Test
    void whatIsLeftIsMadeByTheNextProcess() throws Exception {
        try (var cache = builder(options().drain(Duration.ofMillis(50))).build()) {
            cache.put(1, "one");
            await().until(() -> cache.stats().backlog().depth() == 0);
            store.fault = Fault.AWAY;
            cache.put(1, "two");
            cache.put(2, "two");
            cache.remove(1);
            cache.put(3, "three");
            assertThatThrownBy(cache::flush)
                    .isInstanceOf(CacheException.WriteFailed.class)
                    .hasMessageContaining("away");
        }
        store = store();
        store.fault = Fault.AWAY;
        try (var cache = builder(options()).build()) {
            assertThat(cache.get(3)).isEqualTo("three");
            assertThat(cache.get(1)).isNull();
            store.fault = Fault.NONE;
            cache.flush();
            cache.put(4, "four");
        }
        assertThat(rows("SELECT value FROM t ORDER BY id")).containsExactly("two", "three", "four");
        assertThat(rows("SELECT value FROM audit")).containsExactly("one", null, "two", "three", "four");
    }

    @Test
    void anInterruptedWriterDoesNotCloseTheJournal() throws Exception {
        try (var cache = builder(options()).build()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> cache.put(1, "one")).isInstanceOf(CacheException.WriteFailed.class);
            assertThat(Thread.interrupted()).isTrue();
            cache.put(2, "two");
            cache.flush();
            assertThat(rows("SELECT value FROM t WHERE id = 2")).containsExactly("two");
        }
    }

    @Test
    void aJournalHasOneUser() {
        try (var cache = builder(options()).build()) {
            assertThat(cache.health().isUp()).isTrue();
            assertThatThrownBy(() -> builder(options()).build())
                    .isInstanceOfSatisfying(
                            ConfigurationException.class, e -> assertThat(e).hasMessageContaining("in use"));
        }
        builder(options()).build().close();
    }

    @Test
    void anOldCopyOfAJournalIsNotBelieved() throws Exception {
        try (var cache = builder(options()).build()) {
            cache.putAll(numbered(3));
        }
        sql("UPDATE nuthatch_marks SET applied = 1000");
        store = store();
        try (var cache = builder(options().drain(Duration.ofMillis(50))).build()) {
            await().until(() -> cache.health().writer().contains("old copy"));
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertRefused("writeBehind", Cache.<Integer, String>builder("t").writeBehind(options())::build);
        assertRefused("keys", Cache.<Integer, String>builder("t").store(store).writeBehind(options())::build);
        assertRefused(
                "values",
                Cache.<Integer, String>builder("t")
                        .keys(Integer.class)
                        .store(store)
                        .writeBehind(options())::build);
        assertRefused("writer", builder(options()).writer(new WriteThrough<>(store))::build);
        assertRefused("loader", builder(options()).loader(key -> "x")::build);
        assertRefused("batch", () -> options().batch(0));
        assertRefused("batchBytes", () -> options().batchBytes(0));
        assertRefused("delay", () -> options().delay(Duration.ofMillis(-1)));
        assertRefused("maxChanges", builder(options().maxChanges(10))::build);
        assertRefused("maxBytes", builder(options().maxBytes(10))::build);
        assertRefused("segmentBytes", () -> options().segmentBytes(10));
        assertRefused("maxJournalBytes", builder(options().maxJournalBytes(10))::build);
        // What depends on another option is looked at when all are there.
        builder(options().batch(200_000).maxChanges(200_000)).build().close();
        assertRefused("patience", () -> options().patience(Duration.ZERO));
        assertRefused("pauses", () -> options().pauses(Duration.ofMillis(2), Duration.ofMillis(1)));
        assertRefused("drain", () -> options().drain(Duration.ZERO));
    }

    private static void assertRefused(String option, Runnable build) {
        assertThatThrownBy(build::run)
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.option()).isEqualTo(option));
    }
}
