package io.nuthatch.cache.jdbc;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.WriteBehind;
import io.nuthatch.cache.Writer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of databases in the library's README.md, run against real ones.
class ReadmeTest {
    record User(long id, String name) {}

    @TempDir
    private Path folder;

    @Test
    void writeThrough() throws Exception {
        int port = freePort();
        Process redis = new ProcessBuilder(
                        "redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--logfile", "log")
                .directory(folder.toFile())
                .start();
        String redisUri = "redis://127.0.0.1:" + port;
        try {
            JdbcStore<Long, User> db = JdbcStore.at("jdbc:sqlite:" + folder.resolve("users.db"), Long.class, User.class)
                    .table("users")
                    .columns()
                    .createTable()
                    .build();
            Cache<Long, User> users = Cache.<Long, User>builder("users")
                    .values(User.class)
                    .redis(redisUri)
                    .ttl(ofMinutes(10))
                    .store(db)
                    .build();

            users.put(7L, new User(7, "Ada"));
            users.putAll(Map.of(8L, new User(8, "Grace"), 9L, new User(9, "Barbara")));
            users.remove(9L);

            assertThat(db.find(7L)).isEqualTo(new User(7, "Ada"));
            assertThat(db.find(8L)).isEqualTo(new User(8, "Grace"));
            assertThat(db.find(9L)).isNull();
            users.close();
        } finally {
            redis.destroyForcibly().waitFor();
        }
    }

    @Test
    void writeBehind() throws Exception {
        JdbcStore<Long, User> db = JdbcStore.at("jdbc:sqlite:" + folder.resolve("users.db"), Long.class, User.class)
                .createTable()
                .build();
        Cache<Long, User> users = Cache.<Long, User>builder("users")
                .keys(Long.class)
                .values(User.class)
                .store(db)
                .writeBehind(
                        WriteBehind.in(folder.resolve("journal")).batch(500).delay(ofMillis(20)))
                .build();

        users.put(7L, new User(7, "Ada"));
        users.flush();
        Writer.Backlog backlog = users.stats().backlog();

        assertThat(backlog).isEqualTo(Writer.Backlog.NONE);
        assertThat(db.find(7L)).isEqualTo(new User(7, "Ada"));
        users.close();
    }

    @Test
    void anyDatabase() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            String postgresUrl = server.url();
            String password = "";
            try (var connection = server.connect();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE SCHEMA shop");
            }

            JdbcStore<Long, User> db = JdbcStore.at(postgresUrl, Long.class, User.class)
                    .user("nuthatch", password)
                    .pool(16)
                    .schema("shop")
                    .table("customers")
                    .keyColumn("customer")
                    .valueColumn("document")
                    .versionColumn("changed")
                    .createTable()
                    .build();

            assertThat(db.find(7L)).isNull();
            db.close();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
