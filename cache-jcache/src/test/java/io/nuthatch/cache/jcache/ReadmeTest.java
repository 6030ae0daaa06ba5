package io.nuthatch.cache.jcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nuthatch.cache.Redis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of JCache in the library's README.md, run against a real server.
class ReadmeTest {
    record User(long id, String name) {}

    @Test
    void aCacheWithTiers(@TempDir Path folder) throws Exception {
        int port = freePort();
        Process redis = new ProcessBuilder(
                        "redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--logfile", "log")
                .directory(folder.toFile())
                .start();
        String redisUri = "redis://127.0.0.1:" + port;
        try {
            CacheManager manager = Caching.getCachingProvider().getCacheManager();
            Cache<Long, User> users = manager.createCache(
                    "users",
                    new TieredConfiguration<Long, User>()
                            .memory(50_000)
                            .redis(Redis.at(redisUri))
                            .setTypes(Long.class, User.class)
                            .setExpiryPolicyFactory(CreatedExpiryPolicy.factoryOf(Duration.TEN_MINUTES)));

            users.putIfAbsent(7L, new User(7, "Ada"));

            var tiers = users.unwrap(io.nuthatch.cache.Cache.class);
            await().until(() -> tiers.health().isUp());
            users.put(8L, new User(8, "Grace"));
            users.close();
            Cache<Long, User> others = manager.createCache(
                    "users",
                    new TieredConfiguration<Long, User>()
                            .redis(Redis.at(redisUri))
                            .setTypes(Long.class, User.class));
            await().untilAsserted(() -> assertThat(others.get(8L)).isEqualTo(new User(8, "Grace")));
            manager.close();
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
