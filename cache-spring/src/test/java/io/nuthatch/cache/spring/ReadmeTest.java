package io.nuthatch.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.CacheEvict;
import io.nuthatch.cache.Cached;
import io.nuthatch.cache.Compression;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Service;

/// The examples of Spring in the library's README.md, run, with the properties that stand there.
class ReadmeTest {
    /// A value.
    public record User(long id, String name) {}

    /// Stands for the user's database.
    public static class Database {
        final Map<Long, User> users = new ConcurrentHashMap<>(Map.of(7L, new User(7, "Ada")));
        final AtomicInteger queries = new AtomicInteger();

        User find(long id) {
            queries.incrementAndGet();
            return users.get(id);
        }

        List<User> team(String name) {
            queries.incrementAndGet();
            return List.copyOf(users.values());
        }

        void delete(long id) {
            users.remove(id);
        }
    }

    @Service
    static class Users {
        private final Database db;

        Users(Database db) {
            this.db = db;
        }

        @Cacheable("teams")
        public List<User> team(String name) {
            return db.team(name);
        }

        @Cached(cache = "users", key = "{id}", ttl = "10m", refreshAhead = 0.8, staleFor = "12h")
        public User find(long id) {
            return db.find(id);
        }

        @CacheEvict(cache = "users", key = "{id}")
        public void delete(long id) {
            db.delete(id);
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {
        @Bean
        Database database() {
            return new Database();
        }

        @Bean
        Users users(Database db) {
            return new Users(db);
        }

        @Bean
        CacheCustomizer compressed() {
            return builder -> {
                if (builder.name().equals("users")) {
                    builder.compression(Compression.auto());
                }
            };
        }
    }

    @Test
    void theExamplesWork(@TempDir Path folder) throws Exception {
        String readme = Files.readString(Path.of("..", "cache", "README.md"));
        Matcher block =
                Pattern.compile("```properties\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(block.find()).isTrue();
        int port = freePort();
        String[] properties = block.group(1)
                .replace("com.example.", ReadmeTest.class.getName() + "$")
                .replace("localhost:6379", "127.0.0.1:" + port)
                .split("\n");
        Process redis = new ProcessBuilder(
                        "redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--logfile", "log")
                .directory(folder.toFile())
                .start();
        try (var app = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "logging.level.root=warn")
                .properties(properties)
                .run()) {
            Users users = app.getBean(Users.class);
            Database db = app.getBean(Database.class);
            assertThat(users.find(7)).isSameAs(users.find(7)).isEqualTo(new User(7, "Ada"));
            assertThat(users.team("a")).isEqualTo(users.team("a"));
            assertThat(db.queries).hasValue(2);
            users.delete(7);
            assertThat(users.find(7)).isNull();
            assertThat(app.getBean(TieredCaches.class)
                            .getCache("teams")
                            .getNativeCache()
                            .policy()
                            .ttl())
                    .hasMinutes(1);
            var health = app.getBean("nuthatchCacheHealthIndicator", HealthIndicator.class);
            await().until(() -> health.health().getStatus().equals(Status.UP));
        } finally {
            redis.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
