package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.jdbc.JdbcStore;
import io.nuthatch.cache.jdbc.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A PostgreSQL that is down at the start, or is killed under load.
class PostgresOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private PostgresServer server;

    @BeforeEach
    void start() {
        server = PostgresServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CacheBuilder<Integer, Long> through() {
        return Cache.<Integer, Long>builder("t")
                .keys(Integer.class)
                .values(Long.class)
                .store(JdbcStore.at(server.url(), Integer.class, Long.class)
                        .table("t")
                        .unversioned()
                        .createTable()
                        .timeout(Duration.ofMillis(500))
                        .build());
    }

    private CacheBuilder<Integer, Long> behind() {
        return through()
                .writeBehind(WriteBehind.in(folder.resolve("journal"))
                        .batch(50)
                        .pauses(Duration.ofMillis(10), Duration.ofMillis(200))
                        .drain(PATIENCE));
    }

    private void sql(String text) throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private long number(String select) throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(select)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void writingThroughFailsWhileTheDatabaseIsAway() throws Exception {
        try (var cache = through().build()) {
            cache.put(1, 1L);
            server.kill();
            assertThat(cache.get(1)).isEqualTo(1);
            assertThatThrownBy(() -> cache.put(1, 2L)).isInstanceOf(CacheException.WriteFailed.class);
            assertThatThrownBy(() -> cache.get(1)).isInstanceOf(CacheException.LoadFailed.class);

            server.startAgain();
            await().atMost(PATIENCE).ignoreExceptions().until(() -> cache.get(1) == 1);
            cache.put(1, 3L);
            assertThat(number("SELECT value FROM t")).isEqualTo(3);
        }
    }

    @Test
    void aDatabaseThatIsDownAtTheStartIsTakenUpWhenItIsThere() throws Exception {
        server.kill();
        try (var cache = behind().build()) {
            cache.put(1, 1L);
            cache.put(2, 2L);
            cache.remove(1);
            cache.clear();
            assertThat(cache.get(2)).isEqualTo(2);
            assertThat(cache.get(1)).isNull();
            await().until(() -> !cache.health().isUp());

            server.startAgain();
            cache.flush();
            assertThat(cache.health().isUp()).isTrue();
            assertThat(number("SELECT sum(value) FROM t")).isEqualTo(2);
        }
    }

    @Test
    void aDatabaseThatIsKilledUnderLoadHasEachChangeOnce() throws Exception {
        sql("CREATE TABLE t (id bigint PRIMARY KEY, value bigint)");
        sql("CREATE TABLE audit (place bigserial, id bigint, value bigint)");
        sql("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO audit (id, value) VALUES (new.id, new.value); RETURN new; END'");
        sql("CREATE TRIGGER note AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note()");
        Map<Integer, Long> last = new HashMap<>();
        try (var cache = behind().build()) {
            AtomicBoolean enough = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> {
                for (long value = 1; !enough.get(); value++) {
                    int key = (int) (value % 20);
                    cache.put(key, value);
                    last.put(key, value);
                }
            });
            for (int i = 0; i < 3; i++) {
                long before = cache.stats().puts();
                await().atMost(PATIENCE).until(() -> cache.stats().puts() > before + 500);
                server.kill();
                await().atMost(PATIENCE).until(() -> !cache.health().isUp());
                server.startAgain();
                await().atMost(PATIENCE).until(() -> cache.health().isUp());
            }
            enough.set(true);
            writer.join();
            cache.flush();
            assertThat(cache.getAll(last.keySet())).isEqualTo(last);
        }
        assertThat(number("SELECT count(*) FROM t")).isEqualTo(20);
        for (int key : List.copyOf(last.keySet())) {
            assertThat(number("SELECT value FROM t WHERE id = " + key)).isEqualTo(last.get(key));
        }
        assertThat(number("SELECT count(*) FROM audit a JOIN audit b ON a.id = b.id AND a.place < b.place"
                        + " AND a.value >= b.value"))
                .isZero();
    }
}
