package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.csc.CacheConfig;

/// Pub/Sub and server-assisted caching as Jedis and Lettuce use them.
class MessagingClientsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private InProcessNuthatch nuthatch;

    @BeforeEach
    void start() {
        nuthatch = InProcessNuthatch.start();
    }

    @AfterEach
    void stop() {
        nuthatch.close();
    }

    private static <T> T next(BlockingQueue<T> queue) {
        try {
            T message = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(message).as("a message within " + PATIENCE).isNotNull();
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    // ---- Jedis --------------------------------------------------------------------------------------------------

    private redis.clients.jedis.RedisClient jedis(RedisProtocol protocol) {
        return redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(
                        DefaultJedisClientConfig.builder().protocol(protocol).build())
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisSubscribesAndPublishes(RedisProtocol protocol) throws InterruptedException {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        var listener = new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
                heard.add(channel + ": " + message);
            }

            @Override
            public void onPMessage(String pattern, String channel, String message) {
                heard.add(pattern + ", " + channel + ": " + message);
            }

            @Override
            public void onSubscribe(String channel, int count) {
                heard.add("subscribed to " + channel);
            }
        };
        try (var jedis = jedis(protocol);
                var other = jedis(protocol)) {
            Thread listening = new Thread(() -> jedis.subscribe(listener, "news"));
            listening.start();
            assertThat(next(heard)).isEqualTo("subscribed to news");
            assertThat(other.publish("news", "hello")).isEqualTo(1);
            assertThat(next(heard)).isEqualTo("news: hello");
            listener.psubscribe("w*");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(other.publish("weather", "rain")).isEqualTo(1));
            assertThat(next(heard)).isEqualTo("w*, weather: rain");
            listener.unsubscribe();
            listener.punsubscribe();
            listening.join(PATIENCE.toMillis());
            assertThat(listening.isAlive()).isFalse();
        }
    }

    @Test
    void jedisCachesWithTheServersHelp() {
        try (var caching = redis.clients.jedis.RedisClient.builder()
                        .hostAndPort("127.0.0.1", nuthatch.port())
                        .clientConfig(DefaultJedisClientConfig.builder()
                                .protocol(RedisProtocol.RESP3)
                                .build())
                        .cacheConfig(CacheConfig.builder().maxSize(1_000).build())
                        .build();
                var other = jedis(RedisProtocol.RESP3)) {
            other.set("k", "1");
            other.hset("h", "f", "1");
            assertThat(caching.get("k")).isEqualTo("1");
            assertThat(caching.get("k")).isEqualTo("1");
            assertThat(caching.hget("h", "f")).isEqualTo("1");
            assertThat(caching.hget("h", "f")).isEqualTo("1");
            assertThat(caching.getCache().getStats().getHitCount()).isEqualTo(2);

            other.set("k", "2");
            awaitSeen(caching, "k", "2");
            caching.set("k", "3");
            assertThat(caching.get("k")).isEqualTo("3");
            assertThat(caching.hget("h", "f")).isEqualTo("1");
            assertThat(caching.getCache().getStats().getInvalidationCount()).isPositive();

            other.flushAll();
            awaitSeen(caching, "k", null);
            assertThat(caching.hget("h", "f")).isNull();
        }
    }

    /// Jedis looks into its cache without a word to the server, so it may be the time early that a message takes.
    private static void awaitSeen(redis.clients.jedis.RedisClient caching, String key, @Nullable String value) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> assertThat(caching.get(key)).isEqualTo(value));
    }

    @Test
    void jedisNeverKeepsWhatHasChanged() {
        try (var caching = redis.clients.jedis.RedisClient.builder()
                        .hostAndPort("127.0.0.1", nuthatch.port())
                        .clientConfig(DefaultJedisClientConfig.builder()
                                .protocol(RedisProtocol.RESP3)
                                .build())
                        .cacheConfig(CacheConfig.builder().maxSize(100).build())
                        .build();
                var other = jedis(RedisProtocol.RESP3)) {
            for (int i = 0; i < 1_000; i++) {
                String key = "k" + i % 7;
                other.set(key, String.valueOf(i));
                awaitSeen(caching, key, String.valueOf(i));
            }
            assertThat(caching.getCache().getStats().getHitCount()).isPositive();
        }
    }

    // ---- Lettuce ------------------------------------------------------------------------------------------------

    private RedisClient lettuce(ProtocolVersion protocol) {
        RedisClient client = RedisClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(nuthatch.port())
                .withTimeout(PATIENCE)
                .build());
        client.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
        return client;
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void lettuceSubscribesAndPublishes(ProtocolVersion protocol) {
        RedisClient client = lettuce(protocol);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (StatefulRedisPubSubConnection<String, String> listener = client.connectPubSub();
                StatefulRedisConnection<String, String> connection = client.connect()) {
            listener.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String channel, String message) {
                    heard.add(channel + ": " + message);
                }

                @Override
                public void message(String pattern, String channel, String message) {
                    heard.add(pattern + ", " + channel + ": " + message);
                }

                @Override
                public void smessage(String channel, String message) {
                    heard.add("shard " + channel + ": " + message);
                }
            });
            listener.sync().subscribe("news");
            listener.sync().psubscribe("w*");
            listener.sync().ssubscribe("s");
            assertThat(connection.sync().publish("news", "hello")).isEqualTo(1);
            assertThat(next(heard)).isEqualTo("news: hello");
            assertThat(connection.sync().publish("weather", "rain")).isEqualTo(1);
            assertThat(next(heard)).isEqualTo("w*, weather: rain");
            assertThat(connection.sync().spublish("s", "hi")).isEqualTo(1);
            assertThat(next(heard)).isEqualTo("shard s: hi");
            assertThat(connection.sync().pubsubNumpat()).isEqualTo(1);
            listener.sync().unsubscribe("news");
            assertThat(connection.sync().publish("news", "hello")).isZero();
        } finally {
            client.shutdown(Duration.ZERO, PATIENCE);
        }
    }

    @Test
    void lettuceHearsOfEventsOfKeys() {
        RedisClient client = lettuce(ProtocolVersion.RESP3);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (StatefulRedisPubSubConnection<String, String> listener = client.connectPubSub();
                StatefulRedisConnection<String, String> connection = client.connect()) {
            listener.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String pattern, String channel, String message) {
                    heard.add(channel + " " + message);
                }
            });
            connection.sync().configSet("notify-keyspace-events", "KA");
            listener.sync().psubscribe("__keyspace@0__:*");
            connection.sync().set("k", "v", SetArgs.Builder.px(1));
            assertThat(next(heard)).isEqualTo("__keyspace@0__:k set");
            assertThat(next(heard)).isEqualTo("__keyspace@0__:k expire");
            assertThat(next(heard)).isEqualTo("__keyspace@0__:k expired");
        } finally {
            client.shutdown(Duration.ZERO, PATIENCE);
        }
    }

    @Test
    void lettuceIsToldWhatHasChanged() {
        RedisClient client = lettuce(ProtocolVersion.RESP3);
        Queue<String> told = new ConcurrentLinkedQueue<>();
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            connection.addListener(push -> {
                if (push.getType().equals("invalidate")) {
                    List<Object> keys = push.getContent();
                    told.add(text(keys.get(1)));
                }
            });
            connection.sync().clientTracking(TrackingArgs.Builder.enabled().noloop());
            connection.sync().get("k");
            connection.sync().set("k", "1");
            other.sync().set("k", "1");
            assertThat(told).isEmpty();
            connection.sync().get("k");
            other.sync().set("k", "2");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(told).containsExactly("[k]"));
            assertThat(connection.sync().clientTrackinginfo().getFlags()).hasSize(2);
        } finally {
            client.shutdown(Duration.ZERO, PATIENCE);
        }
    }

    private static String text(Object content) {
        return switch (content) {
            case List<?> list ->
                list.stream().map(MessagingClientsTest::text).toList().toString();
            case ByteBuffer bytes ->
                StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
            case null -> "null";
            default -> content.toString();
        };
    }
}
