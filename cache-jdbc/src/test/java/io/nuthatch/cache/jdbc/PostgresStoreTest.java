package io.nuthatch.cache.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.Change;
import io.nuthatch.cache.ConfigurationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// PostgreSQL as a store.
class PostgresStoreTest extends StoreContract {
    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void emptySchema() throws Exception {
        sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    @Override
    String url() {
        return server.url();
    }

    @Override
    Connection connect() throws Exception {
        return server.connect();
    }

    @Test
    void aTableMayStandInASchema() throws Exception {
        sql("DROP SCHEMA IF EXISTS \"the app\" CASCADE; CREATE SCHEMA \"the app\"");
        try (var store = users().schema("the app").build()) {
            store.write(List.of(new Change.Put<>(1L, new User(1, "Ada"))));
            assertThat(store.mark("journal")).isZero();
        }
        assertThat(rows("SELECT \"id\" FROM \"the app\".\"users\"")).isEqualTo(List.of(List.of(1L)));
        assertThat(rows("SELECT * FROM \"the app\".nuthatch_marks")).isEmpty();
    }

    @Test
    void aTextThatTheDatabaseCannotHoldIsRefused() throws Exception {
        try (var store = users().columns().build()) {
            assertThatThrownBy(() -> store.write(List.of(new Change.Put<>(1L, new User(1, "a\0b")))))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(store.refuses(e)).isTrue());
        }
    }

    @Test
    void aDatabaseThatIsNotThereIsRefused() {
        String url = server.url().replace("/postgres", "/nowhere");
        assertThatThrownBy(() -> JdbcStore.at(url, Long.class, User.class)
                        .timeout(java.time.Duration.ofSeconds(1))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class, e -> assertThat(e).hasMessageContaining("nowhere"));
    }
}
