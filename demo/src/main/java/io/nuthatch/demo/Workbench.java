package io.nuthatch.demo;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.CacheBuilder;
import io.nuthatch.cache.ConfigurationException;
import io.nuthatch.cache.Redis;
import io.nuthatch.cache.jdbc.JdbcStore;
import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.server.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A server and a database to measure with: a Nuthatch in this process and a SQLite file, unless others are named.
/// Everything it made is gone when it is closed.
final class Workbench implements AutoCloseable {
    private static final Duration TTL = Duration.ofHours(1);
    private static final int START_ATTEMPTS = 5;

    private final Surroundings surroundings;
    private final Path folder;
    private final @Nullable Server server;
    private final String redisUri;
    private final String table = "nuthatch_demo_" + UUID.randomUUID().toString().substring(0, 8);
    private int caches;

    Workbench(Surroundings surroundings) {
        this.surroundings = surroundings;
        try {
            folder = Files.createTempDirectory("nuthatch-demo");
            server = surroundings.redis == null ? startServer(folder) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        redisUri = server == null ? surroundings.redis + "" : "redis://127.0.0.1:" + server.port();
    }

    /// Somebody else may take the port before the server listens there.
    private static Server startServer(Path folder) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Config config = new Config();
            config.set(Map.of("port", Integer.toString(freePort()), "bind", "127.0.0.1", "loglevel", "warning"));
            config.set(Map.of("dir", folder.toString(), "save", ""));
            try {
                return Server.start(config, Clock.SYSTEM);
            } catch (IOException fault) {
                if (attempt == START_ATTEMPTS) {
                    throw fault;
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Where it takes place, in words.
    String description() {
        String database = surroundings.database == null ? "SQLite (WAL, synchronous FULL)" : "the database you named";
        return (server == null ? "the server you named" : "Nuthatch in this process") + ", " + database;
    }

    private String url() {
        return surroundings.database == null ? "jdbc:sqlite:" + folder.resolve("demo.db") : surroundings.database;
    }

    /// The table, made if it is not there. Each cache closes its own.
    JdbcStore<Long, Item> store() {
        JdbcStore.Builder<Long, Item> builder = JdbcStore.at(url(), Long.class, Item.class)
                .table(table)
                .columns()
                .createTable();
        if (surroundings.user != null) {
            builder.user(surroundings.user, surroundings.password == null ? "" : surroundings.password);
        }
        return builder.build();
    }

    /// A cache with memory only, under a name that no other cache has had: no tier holds anything of it.
    CacheBuilder<Long, Item> cache(long entries) {
        return Cache.<Long, Item>builder("demo" + caches++)
                .keys(Long.class)
                .values(Item.class)
                .memory(entries)
                .ttl(TTL);
    }

    /// The same cache as another process would have it: what the lower tiers hold is there, memory is empty.
    CacheBuilder<Long, Item> cacheNamed(String name, long entries) {
        return Cache.<Long, Item>builder(name)
                .keys(Long.class)
                .values(Item.class)
                .memory(entries)
                .ttl(TTL);
    }

    /// The tier in the server, which memory follows, as it must where others write too.
    Redis redis() {
        return Redis.at(redisUri);
    }

    /// A folder that nobody has used.
    Path newFolder() {
        return folder.resolve(UUID.randomUUID().toString());
    }

    /// Empties the table.
    void deleteRows() {
        sql("DELETE FROM \"" + table + "\"");
    }

    private void sql(String text) {
        try (Connection connection = DriverManager.getConnection(url(), surroundings.user, surroundings.password);
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        } catch (SQLException e) {
            throw new ConfigurationException("db", text + ": " + e.getMessage(), "see to the database");
        }
    }

    @Override
    public void close() {
        try {
            if (surroundings.database != null) {
                sql("DROP TABLE IF EXISTS \"" + table + "\"");
            }
        } finally {
            if (server != null) {
                server.close();
            }
            deleteFolder();
        }
    }

    private void deleteFolder() {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
