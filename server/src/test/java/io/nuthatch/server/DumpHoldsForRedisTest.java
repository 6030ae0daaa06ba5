package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A value dumped by a real Redis is restored here, and the reverse; and nothing that is sent in place of a
/// payload, its checksum made to fit, does harm.
class DumpHoldsForRedisTest {
    private static final int LONG_FACTOR = Boolean.getBoolean("nuthatch.long") ? 20 : 1;
    private static final int VALUES = 1_500 * LONG_FACTOR;
    private static final int COLLECTIONS = 150 * LONG_FACTOR;
    private static final int FORGERIES = 8_000 * LONG_FACTOR;
    private static final int FOOTER_BYTES = 10;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private ServerUnderTest redisServer;
    private ServerUnderTest nuthatchServer;
    private RespClient redis;
    private RespClient nuthatch;

    @BeforeEach
    void start() {
        System.out.println("DumpHoldsForRedisTest seed=" + seed);
        redisServer = ServerKind.REDIS.start();
        nuthatchServer = ServerKind.NUTHATCH.start();
        redis = RespClient.connect(redisServer.port());
        nuthatch = RespClient.connect(nuthatchServer.port());
    }

    @AfterEach
    void stop() {
        redis.close();
        nuthatch.close();
        nuthatchServer.close();
        redisServer.close();
    }

    @Test
    void valuesGoFromOneToTheOther() {
        for (int i = 0; i < VALUES; i++) {
            String value = value();
            transfer(value, redis, nuthatch);
            transfer(value, nuthatch, redis);
        }
    }

    private static void transfer(String value, RespClient from, RespClient to) {
        from.call("SET", "k", value);
        Reply restored = to.call("RESTORE", "k", "0", dump(from), "REPLACE");
        assertThat(restored).as("of %s", value).isEqualTo(new Reply.Simple("OK"));
        assertThat(to.call("GET", "k")).isEqualTo(new Reply.Bulk(value));
        assertThat(to.call("OBJECT", "ENCODING", "k")).isEqualTo(from.call("OBJECT", "ENCODING", "k"));
    }

    @Test
    void listsAndSetsGoFromOneToTheOther() {
        for (int i = 0; i < COLLECTIONS; i++) {
            List<String> elements = elements();
            transfer(elements, redis, nuthatch);
            transfer(elements, nuthatch, redis);
        }
    }

    private static void transfer(List<String> elements, RespClient from, RespClient to) {
        for (String push : List.of("RPUSH", "SADD")) {
            from.call("DEL", "k");
            List<String> words = new ArrayList<>(List.of(push, "k"));
            words.addAll(elements);
            from.call(words.toArray(String[]::new));
            assertThat(to.call("RESTORE", "k", "0", dump(from), "REPLACE")).isEqualTo(new Reply.Simple("OK"));
            assertThat(content(to)).isEqualTo(content(from));
        }
    }

    @Test
    void hashesAndSortedSetsGoFromOneToTheOther() {
        for (int i = 0; i < COLLECTIONS; i++) {
            List<String> elements = elements();
            transferPairs(elements, redis, nuthatch);
            transferPairs(elements, nuthatch, redis);
        }
    }

    private void transferPairs(List<String> elements, RespClient from, RespClient to) {
        for (String put : List.of("HSET", "ZADD")) {
            from.call("DEL", "k");
            List<String> words = new ArrayList<>(List.of(put, "k"));
            for (String element : elements) {
                String score = random.nextBoolean() ? String.valueOf(random.nextInt(1000) / 8.0) : "-inf";
                words.addAll(put.equals("HSET") ? List.of(element, score) : List.of(score, element));
            }
            from.call(words.toArray(String[]::new));
            assertThat(to.call("RESTORE", "k", "0", dump(from), "REPLACE")).isEqualTo(new Reply.Simple("OK"));
            assertThat(pairs(to)).isEqualTo(pairs(from));
        }
    }

    @Test
    void streamsGoFromOneToTheOther() {
        for (int i = 0; i < COLLECTIONS; i++) {
            transferStream(redis, nuthatch);
            transferStream(nuthatch, redis);
        }
    }

    private void transferStream(RespClient from, RespClient to) {
        makeStream(from);
        assertThat(to.call("RESTORE", "k", "0", dump(from), "REPLACE")).isEqualTo(new Reply.Simple("OK"));
        assertThat(streamContent(to))
                .usingElementComparator((one, other) -> Likeness.STREAMS.test(one, other) ? 0 : 1)
                .isEqualTo(streamContent(from));
    }

    /// Some entries, one or two of them deleted, and groups with some of them pending.
    private void makeStream(RespClient client) {
        client.call("DEL", "k");
        for (int i = random.nextInt(random.nextInt(5) == 0 ? 300 : 20); i >= 0; i--) {
            client.call("XADD", "k", "1-*", "field", noise(random.nextInt(20), 256), "n", String.valueOf(i));
        }
        client.call("XDEL", "k", "1-" + random.nextInt(20), "1-0");
        client.call("XGROUP", "CREATE", "k", "g", "0");
        client.call("XGROUP", "CREATE", "k", "h", "$", "ENTRIESREAD", "1");
        for (int i = random.nextInt(4); i > 0; i--) {
            client.call(
                    "XREADGROUP",
                    "GROUP",
                    "g",
                    "c" + random.nextInt(3),
                    "COUNT",
                    "" + random.nextInt(9),
                    "STREAMS",
                    "k",
                    ">");
        }
        client.call("XACK", "k", "g", "1-3", "1-" + random.nextInt(20));
    }

    private static List<Reply> streamContent(RespClient client) {
        return Stream.of(
                        List.of("XRANGE", "k", "-", "+"),
                        List.of("XPENDING", "k", "g"),
                        List.of("XREADGROUP", "GROUP", "g", "c0", "STREAMS", "k", "0"),
                        List.of("XREADGROUP", "GROUP", "g", "c2", "STREAMS", "k", "0"),
                        List.of("XREADGROUP", "GROUP", "h", "d", "STREAMS", "k", "0"),
                        List.of("XINFO", "GROUPS", "k"),
                        List.of("XINFO", "STREAM", "k"))
                .map(client::call)
                .toList();
    }

    private static Map<String, String> pairs(RespClient client) {
        Reply reply = client.call("HGETALL", "k");
        Reply.Array flat = (Reply.Array)
                (reply instanceof Reply.Array ? reply : client.call("ZRANGE", "k", "0", "-1", "WITHSCORES"));
        Map<String, String> pairs = new TreeMap<>();
        for (int i = 0; i < flat.items().size(); i += 2) {
            pairs.put(flat.items().get(i).toString(), flat.items().get(i + 1).toString());
        }
        return pairs;
    }

    private static List<Reply> content(RespClient client) {
        if (client.call("LRANGE", "k", "0", "-1") instanceof Reply.Array(List<Reply> items)) {
            return items;
        }
        Reply.Array members = (Reply.Array) client.call("SMEMBERS", "k");
        return members.items().stream()
                .sorted(Comparator.comparing(Reply::toString))
                .toList();
    }

    /// Few or many, numbers or anything.
    private List<String> elements() {
        boolean numbers = random.nextBoolean();
        return Stream.generate(() -> numbers ? String.valueOf(random.nextLong() >> random.nextInt(64)) : value())
                .limit(1 + random.nextInt(random.nextInt(5) == 0 ? 700 : 20))
                .map(element -> element.length() > 10_000 ? element.substring(0, 10_000) : element)
                .toList();
    }

    private static String dump(RespClient client) {
        return ((Reply.Bulk) client.call("DUMP", "k")).text();
    }

    /// Numbers, noise, and text that can be compressed, of any length.
    private String value() {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(random.nextLong() >> random.nextInt(64));
            case 1 -> noise(random.nextInt(200), 256);
            case 2 -> noise(random.nextInt(2_000), 1 + random.nextInt(6));
            default -> noise(1 + random.nextInt(30), 256).repeat(1 + random.nextInt(2_000));
        };
    }

    private String noise(int length, int alphabet) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(alphabet));
        }
        return text.toString();
    }

    @Test
    void forgedPayloadsAreRestoredOrRefused() {
        int refused = 0;
        for (int i = 0; i < FORGERIES; i++) {
            String payload = forged(payload());
            Reply reply = nuthatch.call("RESTORE", "forged", "0", payload, "REPLACE");
            if (reply.equals(new Reply.Failure("ERR Bad data format"))) {
                refused++;
            } else {
                assertThat(reply).as("of %s", RedisCliFormat.quote(payload)).isEqualTo(new Reply.Simple("OK"));
                goThrough(payload);
            }
        }
        assertThat(refused).isGreaterThan(FORGERIES / 10);
        assertThat(nuthatch.call("PING")).isEqualTo(new Reply.Simple("PONG"));
    }

    /// Reads and changes whatever has been restored. It need not make sense, but must be whole.
    private void goThrough(String payload) {
        List<String> commands = switch (((Reply.Simple) nuthatch.call("TYPE", "forged")).text()) {
            case "string" -> List.of("GET forged", "STRLEN forged", "PFCOUNT forged", "PFADD forged x", "INCR forged");
            case "list" ->
                List.of(
                        "LRANGE forged 0 -1",
                        "LINDEX forged -1",
                        "LINSERT forged BEFORE 1 x",
                        "LREM forged 0 1",
                        "RPUSH forged x",
                        "LPOP forged 3");
            case "set" ->
                List.of("SMEMBERS forged", "SISMEMBER forged 1", "SADD forged 7 x", "SREM forged 1", "SPOP forged 3");
            case "hash" ->
                List.of(
                        "HGETALL forged",
                        "HGET forged 1",
                        "HSET forged 1 2 x y",
                        "HPTTL forged FIELDS 1 1",
                        "HDEL forged 1",
                        "HSCAN forged 0");
            case "zset" ->
                List.of(
                        "ZRANGE forged 0 -1 WITHSCORES",
                        "ZRANGE forged -inf +inf BYSCORE REV",
                        "ZRANK forged 1",
                        "ZADD forged 3 x",
                        "ZPOPMIN forged 2");
            case "stream" ->
                List.of(
                        "XINFO STREAM forged FULL COUNT 0",
                        "XREVRANGE forged + -",
                        "XAUTOCLAIM forged g c 0 0",
                        "XREADGROUP GROUP g c STREAMS forged >",
                        "XADD forged * field value",
                        "XTRIM forged MAXLEN 1 DELREF");
            default -> List.of("EXISTS forged");
        };
        for (String command : Recipe.words(commands, "DUMP forged", "OBJECT ENCODING forged")) {
            Reply reply = nuthatch.call(List.of(command.split(" ")));
            assertThat(reply.toString())
                    .as("%s of %s", command, RedisCliFormat.quote(payload))
                    .doesNotContain("internal error");
        }
    }

    private String payload() {
        RespClient from = random.nextBoolean() ? nuthatch : redis;
        from.call("DEL", "k");
        switch (random.nextInt(8)) {
            case 0 -> from.call("SET", "k", value());
            case 7 -> from.call("PFADD", "k", value(), value(), "1");
            case 5, 6 -> makeStream(from);
            case 3 -> from.call("HSET", "k", value(), noise(20, 256), "1", "-70000");
            case 4 -> from.call("ZADD", "k", "1.5", value(), "inf", noise(10, 256));
            case 1 -> from.call("RPUSH", "k", value(), noise(20, 256), "1", "-70000");
            default -> from.call("SADD", "k", "1", "70000", random.nextBoolean() ? "5" : noise(10, 256));
        }
        return dump(from);
    }

    /// A payload with some bytes changed, left out or added, and a checksum to match.
    private String forged(String payload) {
        StringBuilder body = new StringBuilder(payload.substring(0, payload.length() - FOOTER_BYTES));
        for (int i = random.nextInt(4); i >= 0 && !body.isEmpty(); i--) {
            int at = random.nextInt(Math.min(body.length(), random.nextBoolean() ? 8 : Integer.MAX_VALUE));
            switch (random.nextInt(3)) {
                case 0 -> body.setCharAt(at, (char) random.nextInt(256));
                case 1 -> body.deleteCharAt(at);
                default -> body.insert(at, (char) random.nextInt(256));
            }
        }
        return OldForms.sealed(body.toString(), 10);
    }
}
