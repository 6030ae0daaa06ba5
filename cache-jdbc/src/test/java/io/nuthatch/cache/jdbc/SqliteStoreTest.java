package io.nuthatch.cache.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SQLite as a store.
class SqliteStoreTest extends StoreContract {
    @TempDir
    private Path folder;

    @Override
    String url() {
        return "jdbc:sqlite:" + folder.resolve("test.db");
    }

    @Override
    Connection connect() throws Exception {
        return DriverManager.getConnection(url());
    }

    @Test
    void commitsAreOnTheDisk() throws Exception {
        try (var store = users().build();
                Connection connection = store.connection()) {
            assertThat(pragma(connection, "journal_mode")).isEqualTo("wal");
            assertThat(pragma(connection, "synchronous")).isEqualTo("2");
            assertThat(pragma(connection, "busy_timeout")).isEqualTo("5000");
        }
    }

    private static String pragma(Connection connection, String name) throws Exception {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA " + name)) {
            return rows.getString(1);
        }
    }

    @Test
    void aFolderThatIsNotThereIsRefused() {
        String url = "jdbc:sqlite:" + folder.resolve("no/such/folder.db");
        assertThatThrownBy(() -> JdbcStore.at(url, Long.class, User.class).build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.option()).isEqualTo("url"));
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Files.writeString(folder.resolve("test.db"), "this is a letter, not a database ".repeat(100));
        assertThatThrownBy(() -> users().build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class, e -> assertThat(e).hasMessageContaining("not a database"));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertRefused(
                "url", () -> JdbcStore.at("sqlite:x", Long.class, User.class).build());
        assertRefused(
                "url",
                () -> JdbcStore.at("jdbc:nobody:x", Long.class, User.class).build());
        assertRefused(
                "url",
                () -> JdbcStore.at("jdbc:sqlite::memory:", Long.class, User.class)
                        .build());
        assertRefused("table", () -> users().table(" ").build());
        assertRefused("keyColumn", () -> users().keyColumn("x".repeat(64)).build());
        assertRefused("versionColumn", () -> users().versionColumn("a\0b").build());
        assertRefused("pool", () -> users().pool(0));
        assertRefused("timeout", () -> users().timeout(java.time.Duration.ofMillis(1)));
        assertRefused(
                "columns",
                () -> JdbcStore.at(url(), Long.class, String.class).columns().build());
    }

    private static void assertRefused(String option, Runnable build) {
        assertThatThrownBy(build::run)
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.option()).isEqualTo(option));
    }

    @Test
    void aKeyThatIsNotUniqueIsRefused() throws Exception {
        sql("CREATE TABLE users (id BIGINT, name TEXT, version BIGINT)");
        assertThatThrownBy(() -> users().columns().build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.option()).isEqualTo("keyColumn"));
    }

    @Test
    void valuesMayHaveACodec() throws Exception {
        try (var store = JdbcStore.at(url(), String.class, byte[].class)
                .table("blobs")
                .values(io.nuthatch.cache.Codec.bytes())
                .createTable()
                .build()) {
            store.write(List.of(new io.nuthatch.cache.Change.Put<>("k", new byte[] {0, 1, -1})));
            assertThat(store.find("k")).containsExactly(0, 1, -1);
        }
    }
}
