package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.Consumer;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LMPopArgs;
import io.lettuce.core.LMoveArgs;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XAutoClaimArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.args.ListDirection;
import redis.clients.jedis.args.StreamDeletionPolicy;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XClaimParams;
import redis.clients.jedis.params.XPendingParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.resps.Tuple;

/// The clients that people use work with Nuthatch as they do with Redis: redis-cli, redis-benchmark, Jedis and Lettuce.
class ClientsTest {
    private static final int PATIENCE_SECONDS = 60;

    /// The tests that redis-benchmark runs by default.
    private static final List<String> BENCHMARKS = List.of(
            "PING_INLINE",
            "PING_MBULK",
            "SET",
            "GET",
            "INCR",
            "LPUSH",
            "RPUSH",
            "LPOP",
            "RPOP",
            "SADD",
            "HSET",
            "SPOP",
            "ZADD",
            "ZPOPMIN",
            "LPUSH (needed to benchmark LRANGE)",
            "LRANGE_100 (first 100 elements)",
            "LRANGE_300 (first 300 elements)",
            "LRANGE_500 (first 500 elements)",
            "LRANGE_600 (first 600 elements)",
            "MSET (10 keys)");

    private InProcessNuthatch nuthatch;

    @BeforeEach
    void start() {
        nuthatch = InProcessNuthatch.start();
    }

    @AfterEach
    void stop() {
        nuthatch.close();
    }

    // ---- redis-cli
    // ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"-2", "-3"})
    void redisCliTalksToIt(String protocol) {
        assertThat(cli("", protocol, "PING")).isEqualTo("PONG\n");
        assertThat(cli("", protocol, "SET", "greeting", "hello, w\u00f6rld", "EX", "100"))
                .isEqualTo("OK\n");
        assertThat(cli("", protocol, "GET", "greeting")).isEqualTo("hello, w\u00f6rld\n");
        assertThat(cli("", protocol, "MGET", "greeting", "missing")).isEqualTo("hello, w\u00f6rld\n\n");
        assertThat(cli("", protocol, "INCR", "greeting")).isEqualTo("ERR value is not an integer or out of range\n\n");
        assertThat(cli("", protocol, "-n", "3", "DBSIZE")).isEqualTo("0\n");
    }

    @Test
    void redisCliReadsCommandsFromAFile() {
        assertThat(cli("SET a 1\nINCR a\nSELECT 2\nGET a\nnonsense\n"))
                .isEqualTo("OK\n2\nOK\n\nERR unknown command 'nonsense', with args beginning with: \n\n");
    }

    @Test
    void redisCliPipesAMassOfCommands() {
        var commands = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            commands.append("*3\r\n$3\r\nSET\r\n$9\r\nkey:%05d\r\n$5\r\n%05d\r\n".formatted(i, i));
        }
        assertThat(cli(commands.toString(), "--pipe")).endsWith("errors: 0, replies: 10000\n");
        assertThat(cli("", "DBSIZE")).isEqualTo("10000\n");
        assertThat(cli("", "GET", "key:09999")).isEqualTo("09999\n");
        Set<String> found = new HashSet<>(
                cli("", "--scan", "--pattern", "key:0123?").lines().toList());
        assertThat(found).hasSize(10).contains("key:01230", "key:01239");
    }

    @Test
    void redisCliFindsTheLargestKeys() {
        cli("", "MSET", "small", "1", "large", "x".repeat(1_000));
        assertThat(cli("", "--bigkeys"))
                .contains("Biggest string found '\"large\"' has 1000 bytes")
                .contains("2 strings with 1001 bytes");
    }

    private String cli(String input, String... words) {
        var command = new ArrayList<>(List.of("redis-cli", "-h", "127.0.0.1", "-p", String.valueOf(nuthatch.port())));
        command.addAll(List.of(words));
        return output(input, command);
    }

    // ---- redis-benchmark
    // ---------------------------------------------------------------------------------------

    /// Without a choice of tests: all that it has.
    @ParameterizedTest
    @ValueSource(ints = {1, 16})
    void redisBenchmarkRunsItsDefaultTests(int pipeline) {
        List<String> command = List.of(
                "redis-benchmark",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(nuthatch.port()),
                "-n",
                "2000",
                "-r",
                "1000",
                "-P",
                String.valueOf(pipeline),
                "--csv");
        List<String> lines = output("", command).lines().toList();
        assertThat(lines.getFirst()).startsWith("\"test\",\"rps\"");
        assertThat(lines.stream().skip(1).map(line -> line.split("\"")[1])).containsExactlyElementsOf(BENCHMARKS);
    }

    private static String output(String input, List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try {
                Thread.startVirtualThread(() -> send(input, process));
                String output = new String(process.getInputStream().readAllBytes(), UTF_8);
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("does not end: command=" + command);
                }
                return output;
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run: command=" + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: command=" + command, e);
        }
    }

    private static void send(String input, Process process) {
        try (var stream = process.getOutputStream()) {
            stream.write(input.getBytes(UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("the command does not take its input", e);
        }
    }

    // ---- Jedis
    // -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisWorks(RedisProtocol protocol) {
        try (var jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(DefaultJedisClientConfig.builder()
                        .protocol(protocol)
                        .clientName("sparrow")
                        .database(1)
                        .build())
                .build()) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThat(jedis.set("a", "1", SetParams.setParams().nx().ex(100))).isEqualTo("OK");
            assertThat(jedis.set("a", "2", SetParams.setParams().nx())).isNull();
            assertThat(jedis.incrBy("a", 41)).isEqualTo(42);
            assertThat(jedis.incrByFloat("a", 0.5)).isEqualTo(42.5);
            assertThat(jedis.ttl("a")).isBetween(90L, 100L);
            assertThat(jedis.mget("a", "b")).containsExactly("42.5", null);
            byte[] binary = {0, (byte) 0xff, '\r', '\n', (byte) 0x80};
            jedis.set(new byte[] {0, 1}, binary);
            assertThat(jedis.get(new byte[] {0, 1})).isEqualTo(binary);
            assertThat(jedis.exists("a", "b", "a")).isEqualTo(2);
            assertThat(jedis.type("a")).isEqualTo("string");
            assertThatThrownBy(() -> jedis.incr("a"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessage("ERR value is not an integer or out of range");
            assertThat(jedis.dbSize()).isEqualTo(2);
            assertThat(jedis.configGet("maxmemory")).containsEntry("maxmemory", "0");
            assertThat(jedis.info("server")).contains("nuthatch_version:");
            assertThat(jedis.flushAll()).isEqualTo("OK");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisPipelinesAndScans(RedisProtocol protocol) {
        try (var jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(
                        DefaultJedisClientConfig.builder().protocol(protocol).build())
                .build()) {
            List<Response<Long>> replies = new ArrayList<>();
            try (Pipeline pipeline = jedis.pipelined()) {
                for (int i = 0; i < 1_000; i++) {
                    pipeline.set("key:" + i, "x");
                    replies.add(pipeline.incr("count"));
                }
            }
            assertThat(replies.getLast().get()).isEqualTo(1_000);
            Set<String> found = new HashSet<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> part =
                        jedis.scan(cursor, new ScanParams().match("key:*").count(50));
                found.addAll(part.getResult());
                cursor = part.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertThat(found).hasSize(1_000);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisWaitsAndRunsTransactions(RedisProtocol protocol) {
        var config = DefaultJedisClientConfig.builder().protocol(protocol).build();
        try (var jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(config)
                .build()) {
            assertThat(jedis.blpop(0.01, "a", "b")).isNull();
            var popped = waiting(() -> jedis.blpop(0.0, "a", "b"));
            jedis.rpush("b", "1");
            assertThat(popped.join()).isEqualTo(redis.clients.jedis.util.KeyValue.of("b", "1"));
            var moved = waiting(() -> jedis.blmove("a", "b", ListDirection.LEFT, ListDirection.RIGHT, 0));
            var several = waiting(() -> jedis.blmpop(0, ListDirection.LEFT, 5, "b"));
            jedis.rpush("a", "2");
            assertThat(moved.join()).isEqualTo("2");
            assertThat(several.join()).isEqualTo(redis.clients.jedis.util.KeyValue.of("b", List.of("2")));
            var lowest = waiting(() -> jedis.bzpopmin(0, "z"));
            jedis.zadd("z", 1.5, "one");
            assertThat(lowest.join()).isEqualTo(redis.clients.jedis.util.KeyValue.of("z", new Tuple("one", 1.5)));
            try (AbstractTransaction transaction = jedis.multi()) {
                Response<String> set = transaction.set("k", "41");
                Response<Long> incremented = transaction.incr("k");
                Response<List<String>> none = transaction.blpop(0, "a");
                assertThat(transaction.exec()).hasSize(3);
                assertThat(set.get()).isEqualTo("OK");
                assertThat(incremented.get()).isEqualTo(42);
                assertThat(none.get()).isNull();
            }
            try (AbstractTransaction transaction = jedis.transaction(false)) {
                transaction.watch("k");
                jedis.set("k", "1");
                transaction.multi();
                transaction.set("k", "2");
                assertThat(transaction.exec()).isNull();
            }
            assertThat(jedis.get("k")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void jedisReadsStreams(RedisProtocol protocol) {
        var config = DefaultJedisClientConfig.builder().protocol(protocol).build();
        try (var jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort("127.0.0.1", nuthatch.port())
                .clientConfig(config)
                .build()) {
            var first = jedis.xadd("s", new StreamEntryID(1, 1), Map.of("a", "1"));
            assertThat(first).isEqualTo(new StreamEntryID(1, 1));
            var second =
                    jedis.xadd("s", Map.of("a", "2"), XAddParams.xAddParams().maxLen(10));
            assertThat(jedis.xlen("s")).isEqualTo(2);
            assertThat(jedis.xrange("s", "-", "+").getFirst().getFields()).isEqualTo(Map.of("a", "1"));
            assertThat(jedis.xgroupCreate("s", "g", new StreamEntryID(0, 0), false))
                    .isEqualTo("OK");
            Map<String, StreamEntryID> unread = Map.of("s", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY);
            var read = jedis.xreadGroup(
                    "g", "c", XReadGroupParams.xReadGroupParams().count(5), unread);
            assertThat(read.getFirst().getValue()).hasSize(2);
            assertThat(jedis.xack("s", "g", first)).isEqualTo(1);
            assertThat(jedis.xpending("s", "g").getTotal()).isEqualTo(1);
            assertThat(jedis.xclaimJustId("s", "g", "d", 0, XClaimParams.xClaimParams(), second))
                    .containsExactly(second);
            assertThat(jedis.xpending("s", "g", XPendingParams.xPendingParams("-", "+", 5))
                            .getFirst()
                            .getConsumerName())
                    .isEqualTo("d");
            assertThat(jedis.xinfoGroups("s").getFirst().getPending()).isEqualTo(1);
            assertThat(jedis.xinfoStream("s").getLength()).isEqualTo(2);
            assertThat(jedis.xinfoStreamFull("s").getGroups().getFirst().getName())
                    .isEqualTo("g");
            var waits = waiting(() -> jedis.xreadGroup(
                    "g", "c", XReadGroupParams.xReadGroupParams().block(0), unread));
            jedis.xadd("s", XAddParams.xAddParams(), Map.of("a", "3"));
            assertThat(waits.join().getFirst().getValue().getFirst().getFields())
                    .isEqualTo(Map.of("a", "3"));
            assertThat(jedis.xackdel("s", "g", StreamDeletionPolicy.DELETE_REFERENCES, second))
                    .hasSize(1);
            assertThat(jedis.xlen("s")).isEqualTo(2);
        }
    }

    /// Runs what waits for a key in a thread of its own, and returns when it has come to wait.
    private <T> CompletableFuture<T> waiting(Supplier<T> command) {
        int before = nuthatch.engine().waits().count();
        var reply = CompletableFuture.supplyAsync(command, Thread::startVirtualThread);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> nuthatch.engine().waits().count() > before);
        return reply;
    }

    // ---- Lettuce
    // -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceWorks(ProtocolVersion protocol) {
        withLettuce(protocol, connection -> {
            RedisCommands<String, String> redis = connection.sync();
            assertThat(redis.ping()).isEqualTo("PONG");
            assertThat(redis.set("a", "1")).isEqualTo("OK");
            assertThat(redis.incrby("a", 41)).isEqualTo(42);
            assertThat(redis.getex("a", io.lettuce.core.GetExArgs.Builder.ex(100)))
                    .isEqualTo("42");
            assertThat(redis.pttl("a")).isBetween(90_000L, 100_000L);
            assertThat(redis.mget("a", "b")).containsExactly(KeyValue.just("a", "42"), KeyValue.empty("b"));
            assertThat(redis.append("a", "x")).isEqualTo(3);
            assertThat(redis.setrange("a", 1, "yz")).isEqualTo(3);
            assertThat(redis.get("a")).isEqualTo("4yz");
            assertThat(redis.copy("a", "c")).isTrue();
            assertThat(redis.objectEncoding("c")).isEqualTo("raw");
            assertThatThrownBy(() -> redis.incr("a"))
                    .isInstanceOf(RedisCommandExecutionException.class)
                    .hasMessage("ERR value is not an integer or out of range");
            assertThat(redis.clientGetname()).isEqualTo("wren");
            assertThat(redis.configGet("maxmemory-policy")).containsEntry("maxmemory-policy", "noeviction");
            assertThat(redis.info("server")).contains("nuthatch_version:");
            assertThat(redis.del("a", "b", "c")).isEqualTo(2);
        });
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettucePipelinesAndScans(ProtocolVersion protocol) {
        withLettuce(protocol, connection -> {
            RedisAsyncCommands<String, String> redis = connection.async();
            RedisFuture<?>[] replies = new RedisFuture<?>[1_000];
            Arrays.setAll(replies, i -> redis.set("key:" + i, "value " + i));
            assertThat(LettuceFutures.awaitAll(Duration.ofSeconds(PATIENCE_SECONDS), replies))
                    .isTrue();
            Set<String> found = new HashSet<>();
            KeyScanCursor<String> part = connection.sync().scan(ScanArgs.Builder.limit(50));
            found.addAll(part.getKeys());
            while (!part.isFinished()) {
                part = connection.sync().scan(ScanCursor.of(part.getCursor()), ScanArgs.Builder.limit(50));
                found.addAll(part.getKeys());
            }
            assertThat(found).hasSize(1_000).contains("key:0", "key:999");
        });
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void lettuceWaitsAndRunsTransactions(ProtocolVersion protocol) {
        withLettuce(
                protocol,
                connection -> withLettuce(protocol, other -> {
                    RedisCommands<String, String> redis = connection.sync();
                    assertThat(redis.blpop(0.01, "a", "b")).isNull();
                    var popped = waiting(() -> other.sync().blpop(0, "a", "b"));
                    redis.rpush("b", "1");
                    assertThat(popped.join()).isEqualTo(KeyValue.just("b", "1"));
                    var moved = waiting(() -> other.sync().blmove("a", "b", LMoveArgs.Builder.leftRight(), 0));
                    redis.rpush("a", "2");
                    assertThat(moved.join()).isEqualTo("2");
                    var several = waiting(() ->
                            other.sync().blmpop(0, LMPopArgs.Builder.left().count(5), "c"));
                    redis.rename("b", "c");
                    assertThat(several.join()).isEqualTo(KeyValue.just("c", List.of("2")));
                    var lowest = waiting(() -> other.sync().bzpopmin(0, "z"));
                    redis.zadd("z", 1.5, "one");
                    assertThat(lowest.join()).isEqualTo(KeyValue.just("z", ScoredValue.just(1.5, "one")));
                    // Commands that are sent behind one that waits are answered after it.
                    RedisFuture<KeyValue<String, String>> first = other.async().blpop(0, "a");
                    RedisFuture<String> behind = other.async().set("k", "41");
                    Awaitility.await().until(() -> nuthatch.engine().waits().count() == 1);
                    assertThat(redis.get("k")).isNull();
                    redis.multi();
                    redis.rpush("a", "3");
                    redis.rpush("a", "4");
                    redis.blpop(0, "x");
                    assertThat(redis.exec().stream().toList()).containsExactly(1L, 2L, null);
                    assertThat(LettuceFutures.awaitAll(Duration.ofSeconds(PATIENCE_SECONDS), first, behind))
                            .isTrue();
                    assertThat(first.toCompletableFuture().join()).isEqualTo(KeyValue.just("a", "3"));
                    redis.watch("k");
                    other.sync().set("k", "1");
                    redis.multi();
                    redis.set("k", "2");
                    assertThat(redis.exec().wasDiscarded()).isTrue();
                }));
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    @SuppressWarnings("unchecked") // Lettuce takes several of a generic type.
    void lettuceReadsStreams(ProtocolVersion protocol) {
        withLettuce(
                protocol,
                connection -> withLettuce(protocol, other -> {
                    RedisCommands<String, String> redis = connection.sync();
                    String first = redis.xadd("s", Map.of("a", "1"));
                    assertThat(redis.xgroupCreate(XReadArgs.StreamOffset.from("s", "0"), "g"))
                            .isEqualTo("OK");
                    String second = redis.xadd("s", XAddArgs.Builder.maxlen(10), "a", "2", "b", "3");
                    assertThat(redis.xrange("s", Range.unbounded()))
                            .extracting(StreamMessage::getId)
                            .containsExactly(first, second);
                    var consumer = Consumer.from("g", "c");
                    var read = redis.xreadgroup(consumer, XReadArgs.StreamOffset.lastConsumed("s"));
                    assertThat(read.getLast().getBody()).isEqualTo(Map.of("a", "2", "b", "3"));
                    assertThat(redis.xack("s", "g", first)).isEqualTo(1);
                    assertThat(redis.xpending("s", "g").getCount()).isEqualTo(1);
                    var claimed = redis.xautoclaim(
                            "s", XAutoClaimArgs.Builder.xautoclaim(Consumer.from("g", "d"), Duration.ZERO, "0"));
                    assertThat(claimed.getMessages())
                            .extracting(StreamMessage::getId)
                            .containsExactly(second);
                    var waits = waiting(() -> other.sync()
                            .xread(XReadArgs.Builder.block(Duration.ZERO), XReadArgs.StreamOffset.latest("s")));
                    String third = redis.xadd("s", Map.of("a", "4"));
                    assertThat(waits.join()).extracting(StreamMessage::getId).containsExactly(third);
                    assertThat(redis.xtrim("s", 1)).isEqualTo(2);
                    assertThat(redis.xdel("s", third)).isEqualTo(1);
                    assertThat(redis.xgroupDestroy("s", "g")).isTrue();
                }));
    }

    private void withLettuce(
            ProtocolVersion protocol, java.util.function.Consumer<StatefulRedisConnection<String, String>> work) {
        RedisClient client = RedisClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(nuthatch.port())
                .withClientName("wren")
                .withTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .build());
        client.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            work.accept(connection);
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(PATIENCE_SECONDS));
        }
    }
}
