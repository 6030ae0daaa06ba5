package io.nuthatch.cache.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.Batch;
import io.nuthatch.cache.Batch.Numbered;
import io.nuthatch.cache.Cache;
import io.nuthatch.cache.Change;
import io.nuthatch.cache.ConfigurationException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every database must do as a store.
abstract class StoreContract {
    /// Greater than the moment, in microseconds.
    private static final long FAR = 1L << 60;

    enum Mood {
        CALM,
        GAY
    }

    record User(long id, String name) {}

    record Everything(
            String id,
            int whole,
            double fraction,
            boolean truth,
            @Nullable String text,
            Mood mood,
            UUID uuid,
            BigDecimal price,
            Instant at,
            List<String> list) {}

    abstract String url();

    abstract Connection connect() throws Exception;

    JdbcStore.Builder<Long, User> users() {
        return JdbcStore.at(url(), Long.class, User.class).table("users").createTable();
    }

    void sql(String text) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    List<List<@Nullable Object>> rows(String select) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            List<List<@Nullable Object>> found = new ArrayList<>();
            while (rows.next()) {
                List<@Nullable Object> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    Object cell = rows.getObject(i);
                    row.add(cell instanceof Number number ? (Object) number.longValue() : cell);
                }
                found.add(row);
            }
            return found;
        }
    }

    private static Change<Long, User> put(long id, String name) {
        return new Change.Put<>(id, new User(id, name));
    }

    private static Change<Long, User> remove(long id) {
        return new Change.Remove<>(id);
    }

    private static Batch<Long, User> batch(long last, long version, Change<Long, User> change) {
        return new Batch<>("journal", last, List.of(new Numbered<>(last, version, change)));
    }

    @Test
    void whatIsWrittenIsFound() throws Exception {
        try (var store = users().build()) {
            store.write(List.of(put(1, "Ada"), put(2, "Grace"), put(3, "Barbara")));
            store.write(List.of(put(2, "Grace Hopper"), remove(3)));

            assertThat(store.find(1L)).isEqualTo(new User(1, "Ada"));
            assertThat(store.find(3L)).isNull();
            assertThat(store.findAll(Set.of(1L, 2L, 3L, 4L)))
                    .isEqualTo(Map.of(1L, new User(1, "Ada"), 2L, new User(2, "Grace Hopper")));
        }
    }

    @Test
    void thousandsOfKeysAreFoundAtOnce() throws Exception {
        try (var store = users().build()) {
            store.write(
                    LongStream.range(0, 1_500).mapToObj(i -> put(i, "u" + i)).toList());

            Set<Long> asked =
                    new LinkedHashSet<>(LongStream.range(0, 2_000).boxed().toList());
            assertThat(store.findAll(asked)).hasSize(1_500).containsEntry(1_499L, new User(1_499, "u1499"));
        }
    }

    @Test
    void theLastChangeOfAKeyCounts() throws Exception {
        try (var store = users().build()) {
            store.write(List.of(put(1, "a"), remove(1), put(1, "b"), put(2, "c"), remove(2)));

            assertThat(store.findAll(Set.of(1L, 2L))).isEqualTo(Map.of(1L, new User(1, "b")));
        }
    }

    @Test
    void recordsStandInColumnsOfTheirOwn() throws Exception {
        Everything all = new Everything(
                "k'1",
                -7,
                0.1,
                true,
                null,
                Mood.GAY,
                UUID.fromString("00000000-0000-0001-0000-000000000002"),
                new BigDecimal("12.340"),
                Instant.ofEpochMilli(1_700_000_000_123L),
                List.of("a", "\"b\""));
        try (var store = JdbcStore.at(url(), String.class, Everything.class)
                .table("every \"thing\"; DROP TABLE x")
                .columns()
                .createTable()
                .build()) {
            store.write(List.of(new Change.Put<>("k'1", all)));

            assertThat(store.find("k'1")).isEqualTo(all);
        }
        assertThat(rows("SELECT \"whole\", \"mood\" FROM \"every \"\"thing\"\"; DROP TABLE x\""))
                .isEqualTo(List.of(List.of(-7L, "GAY")));
    }

    @Test
    void rowsOfOthersAreReadAndOverwritten() throws Exception {
        try (var store = users().columns().build()) {
            sql("INSERT INTO \"users\" (\"id\", \"name\", \"version\") VALUES (5, 'Edsger', " + FAR + ")");
            assertThat(store.find(5L)).isEqualTo(new User(5, "Edsger"));

            store.write(List.of(put(5, "Dijkstra")));

            assertThat(rows("SELECT \"name\", \"version\" FROM \"users\""))
                    .isEqualTo(List.of(List.of("Dijkstra", FAR + 1)));
        }
    }

    @Test
    void aBatchIsMadeOnce() throws Exception {
        try (var store = users().build()) {
            assertThat(store.mark("journal")).isZero();
            store.apply(batch(3, 10, put(1, "three")));
            store.write(List.of(remove(1)));
            store.apply(batch(3, 10, put(1, "three")));
            store.apply(batch(2, 9, put(1, "two")));

            assertThat(store.find(1L)).isNull();
            assertThat(store.mark("journal")).isEqualTo(3);
            assertThat(store.mark("another")).isZero();
        }
    }

    @Test
    void aBatchChangesNoNewerRow() throws Exception {
        try (var store = users().build()) {
            store.apply(batch(1, 100, put(1, "new")));
            store.apply(batch(2, 99, put(1, "old")));
            store.apply(batch(3, 98, remove(1)));
            assertThat(store.find(1L)).isEqualTo(new User(1, "new"));

            store.apply(batch(4, 101, remove(1)));
            assertThat(store.find(1L)).isNull();
        }
    }

    @Test
    void withoutVersionsTheLastBatchWins() throws Exception {
        try (var store = users().unversioned().build()) {
            store.apply(batch(1, 100, put(1, "first")));
            store.apply(batch(2, 50, put(1, "second")));
            assertThat(store.find(1L)).isEqualTo(new User(1, "second"));

            store.write(List.of(put(1, "third")));
            store.apply(batch(3, 1, remove(1)));
            assertThat(store.find(1L)).isNull();
        }
    }

    @Test
    void aRefusedBatchChangesNothing() throws Exception {
        sql("CREATE TABLE \"users\" (\"id\" BIGINT PRIMARY KEY, \"name\" VARCHAR(100) CHECK (\"name\" <> 'bad'),"
                + " \"version\" BIGINT)");
        try (var store = users().columns().build()) {
            Batch<Long, User> bad = new Batch<>(
                    "journal", 2, List.of(new Numbered<>(1, 1, put(1, "good")), new Numbered<>(2, 2, put(2, "bad"))));
            assertThatThrownBy(() -> store.apply(bad))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(store.refuses(e)).isTrue());
            assertThat(rows("SELECT * FROM \"users\"")).isEmpty();
            assertThat(store.mark("journal")).isZero();

            store.giveUp(bad, "the database said: bad\0");
            store.giveUp(bad, "again");
            assertThat(store.mark("journal")).isEqualTo(2);
            assertThat(rows("SELECT number, target, change_kind, version, reason FROM nuthatch_dead_letters"
                            + " ORDER BY number"))
                    .isEqualTo(List.of(
                            List.of(1L, "users", "put", 1L, "the database said: bad?"),
                            List.of(2L, "users", "put", 2L, "the database said: bad?")));
        }
    }

    @Test
    void aWriteThatFailsChangesNothing() throws Exception {
        sql("CREATE TABLE \"users\" (\"id\" BIGINT PRIMARY KEY, \"name\" VARCHAR(100) NOT NULL, \"version\" BIGINT)");
        try (var store = users().columns().build()) {
            assertThatThrownBy(() -> store.write(List.of(put(1, "good"), new Change.Put<>(2L, new User(2, null)))))
                    .isInstanceOf(SQLException.class);
            assertThat(store.find(1L)).isNull();
        }
    }

    @Test
    void aTableThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> JdbcStore.at(url(), Long.class, User.class)
                        .table("nowhere")
                        .build())
                .isInstanceOfSatisfying(ConfigurationException.class, e -> {
                    assertThat(e.option()).isEqualTo("table");
                    assertThat(e).hasMessageContaining("nowhere").hasMessageContaining(".createTable()");
                });
    }

    @Test
    void aColumnThatIsNotThereIsRefused() throws Exception {
        sql("CREATE TABLE \"users\" (\"id\" BIGINT PRIMARY KEY, \"name\" VARCHAR(100))");
        assertThatThrownBy(() -> users().columns().build()).isInstanceOfSatisfying(ConfigurationException.class, e -> {
            assertThat(e.option()).isEqualTo("columns");
            assertThat(e).hasMessageContaining("version").hasMessageContaining(".unversioned()");
        });
        users().columns().unversioned().build().close();
    }

    @Test
    void manyThreadsWriteAtOnce() throws Exception {
        try (var store = users().build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                long id = i % 50;
                String name = "u" + i;
                writes.add(threads.submit(() -> {
                    store.write(List.of(put(id, name)));
                    return store.find(id);
                }));
            }
            for (Future<?> write : writes) {
                write.get();
            }
            assertThat(rows("SELECT count(*) FROM \"users\"")).isEqualTo(List.of(List.of(50L)));
        }
    }

    @Test
    void aCacheReadsAndWritesThrough() throws Exception {
        try (Cache<Long, User> cache =
                Cache.<Long, User>builder("users").store(users().build()).build()) {
            cache.put(1L, new User(1, "Ada"));
            cache.putAll(Map.of(2L, new User(2, "Grace"), 3L, new User(3, "Barbara")));
            cache.remove(2L);
            assertThat(rows("SELECT \"id\" FROM \"users\" ORDER BY \"id\""))
                    .isEqualTo(List.of(List.of(1L), List.of(3L)));

            cache.clear();
            assertThat(cache.getAll(List.of(1L, 2L, 3L))).containsOnlyKeys(1L, 3L);
            cache.removeAll(List.of(1L, 3L));
            assertThat(rows("SELECT * FROM \"users\"")).isEmpty();
        }
    }
}
