package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Values in the forms that servers wrote before Redis 7 are restored as Redis restores them, hashes of which fields
/// expire as Redis 7.4 wrote them; and nothing that is made of them does harm.
class OldFormsHoldForRedisTest {
    private static final int LONG_FACTOR = Boolean.getBoolean("nuthatch.long") ? 20 : 1;
    private static final int VALUES = 400 * LONG_FACTOR;
    private static final int FORGERIES = 10_000 * LONG_FACTOR;
    private static final Reply OK = new Reply.Simple("OK");
    private static final Reply BAD = new Reply.Failure("ERR Bad data format");
    private static final long FUTURE_MS = 32_503_680_000_000L;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private ServerUnderTest redisServer;
    private ServerUnderTest nuthatchServer;
    private RespClient redis;
    private RespClient nuthatch;

    @BeforeEach
    void start() {
        System.out.println("OldFormsHoldForRedisTest seed=" + seed);
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
    void oldFormsAreRestoredAsRedisRestoresThem() {
        for (int i = 0; i < VALUES; i++) {
            String payload = OldForms.sealed(body(), 6 + random.nextInt(5));
            assertThat(restore(redis, payload))
                    .as("redis, of %s", RedisCliFormat.quote(payload))
                    .isEqualTo(OK);
            assertThat(restore(nuthatch, payload))
                    .as("of %s", RedisCliFormat.quote(payload))
                    .isEqualTo(OK);
            assertThat(content(nuthatch))
                    .as("of %s", RedisCliFormat.quote(payload))
                    .isEqualTo(content(redis));
        }
    }

    private static Reply restore(RespClient client, String payload) {
        return client.call("RESTORE", "k", "0", payload, "REPLACE");
    }

    /// Of whichever type it is.
    private static Reply content(RespClient client) {
        return switch (client.call("TYPE", "k").toString()) {
            case String type when type.contains("list") -> client.call("LRANGE", "k", "0", "-1");
            case String type when type.contains("hash") -> sorted(client.call("HGETALL", "k"));
            default -> client.call("ZRANGE", "k", "0", "-1", "WITHSCORES");
        };
    }

    private static Reply sorted(Reply pairs) {
        List<Reply> items = ((Reply.Array) pairs).items();
        var sorted = new ArrayList<Reply>();
        for (int i = 0; i < items.size(); i += 2) {
            sorted.add(new Reply.Bulk(items.get(i) + "=" + items.get(i + 1)));
        }
        sorted.sort(Comparator.comparing(Reply::toString));
        return new Reply.Array(sorted);
    }

    private String body() {
        return switch (random.nextInt(6)) {
            case 0 -> OldForms.packed(OldForms.LIST_ZIPLIST, OldForms.ziplist(elements()));
            case 1 -> OldForms.quicklist(List.of(elements(), elements(), elements()));
            case 2 -> OldForms.packed(OldForms.HASH_ZIPLIST, OldForms.ziplist(pairs(element())));
            case 3 -> OldForms.packed(OldForms.HASH_ZIPMAP, OldForms.zipmap(pairs(element()), random.nextInt(5)));
            case 4 -> OldForms.packed(OldForms.SORTED_SET_ZIPLIST, OldForms.ziplist(scored()));
            default -> OldForms.scores(scored());
        };
    }

    private List<String> elements() {
        var elements = new ArrayList<String>();
        for (int left = random.nextInt(random.nextInt(10) == 0 ? 300 : 10); left >= 0; left--) {
            elements.add(element());
        }
        return elements;
    }

    private String element() {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(random.nextLong() >> random.nextInt(64)).replaceFirst("^(-?\\d{18})\\d+$", "$1");
            case 1 -> String.valueOf(random.nextInt(14));
            case 2 -> noise(random.nextInt(10));
            default -> noise(random.nextInt(random.nextInt(10) == 0 ? 20_000 : 400));
        };
    }

    private String noise(int length) {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    /// Different names, each with a value.
    private List<String> pairs(String value) {
        Set<String> names = new HashSet<>(elements());
        var pairs = new ArrayList<String>();
        names.forEach(name -> pairs.addAll(List.of(name, value)));
        return pairs;
    }

    /// In the order of scores, as a sorted set is packed.
    private List<String> scored() {
        var pairs = pairs("");
        for (int i = 0; i < pairs.size(); i += 2) {
            pairs.set(i + 1, i + 2 == pairs.size() && random.nextBoolean() ? "inf" : i / 2 + ".25");
        }
        return pairs;
    }

    @Test
    void hashesOfWhichFieldsExpireAreRestored() {
        String fields = OldForms.string("a") + OldForms.string("1");
        String others = OldForms.string("b") + OldForms.string("22");
        List<String> triples = List.of("a", "1", String.valueOf(FUTURE_MS), "b", "22", "0");
        String earliest = OldForms.little(FUTURE_MS, 8);
        for (String body : List.of(
                (char) OldForms.HASH_TIMED
                        + earliest
                        + OldForms.length(2)
                        + OldForms.length(1)
                        + fields
                        + OldForms.length(0)
                        + others,
                (char) OldForms.HASH_TIMED_CANDIDATE
                        + OldForms.length(2)
                        + OldForms.length(FUTURE_MS)
                        + fields
                        + OldForms.length(0)
                        + others,
                (char) OldForms.HASH_TIMED_LISTPACK + earliest + OldForms.string(OldForms.listpack(triples)),
                OldForms.packed(OldForms.HASH_TIMED_LISTPACK_CANDIDATE, OldForms.listpack(triples)))) {
            assertThat(restore(nuthatch, OldForms.sealed(body, 12))).isEqualTo(OK);
            assertThat(nuthatch.call("HMGET", "k", "a", "b"))
                    .isEqualTo(new Reply.Array(List.of(new Reply.Bulk("1"), new Reply.Bulk("22"))));
            assertThat(nuthatch.call("HPEXPIRETIME", "k", "FIELDS", "2", "a", "b"))
                    .isEqualTo(new Reply.Array(List.of(new Reply.Int(FUTURE_MS), new Reply.Int(-1))));
            assertThat(nuthatch.call("OBJECT", "ENCODING", "k")).isEqualTo(new Reply.Bulk("listpackex"));
        }
    }

    @Test
    void fieldsThatExpireAreDumpedAsRedisReadsThem() {
        nuthatch.call("HSET", "h", "a", "x");
        nuthatch.call("HPEXPIREAT", "h", String.valueOf(FUTURE_MS), "FIELDS", "1", "a");
        String body = (char) OldForms.HASH_TIMED
                + OldForms.little(FUTURE_MS, 8)
                + OldForms.length(1)
                + OldForms.length(1)
                + OldForms.string("a")
                + OldForms.string("x");
        assertThat(nuthatch.call("DUMP", "h")).isEqualTo(new Reply.Bulk(OldForms.sealed(body, 12)));
        nuthatch.call("HPERSIST", "h", "FIELDS", "1", "a");
        assertThat(redis.call("RESTORE", "h", "0", ((Reply.Bulk) nuthatch.call("DUMP", "h")).text()))
                .isEqualTo(OK);
    }

    @Test
    void fieldsWhoseTimeHasPassedAreNotRestored() {
        String past = (char) OldForms.HASH_TIMED
                + OldForms.little(1_000, 8)
                + OldForms.length(1)
                + OldForms.length(1)
                + OldForms.string("a")
                + OldForms.string("x");
        assertThat(restore(nuthatch, OldForms.sealed(past, 12))).isEqualTo(OK);
        assertThat(nuthatch.call("EXISTS", "k")).isEqualTo(new Reply.Int(0));
    }

    @Test
    void forgedPayloadsAreRestoredOrRefused() {
        int refused = 0;
        for (int i = 0; i < FORGERIES; i++) {
            String payload = OldForms.sealed(forged(random.nextInt(4) == 0 ? timedBody() : body()), 12);
            Reply reply = restore(nuthatch, payload);
            if (reply.equals(BAD)) {
                refused++;
            } else {
                assertThat(reply).as("of %s", RedisCliFormat.quote(payload)).isEqualTo(OK);
            }
        }
        assertThat(refused).isGreaterThan(FORGERIES / 10);
        assertThat(nuthatch.call("PING")).isEqualTo(new Reply.Simple("PONG"));
    }

    private String timedBody() {
        List<String> triples = List.of("f", "value", String.valueOf(FUTURE_MS), "g", "7", "0");
        return random.nextBoolean()
                ? (char) OldForms.HASH_TIMED_LISTPACK
                        + OldForms.little(FUTURE_MS, 8)
                        + OldForms.string(OldForms.listpack(triples))
                : (char) OldForms.HASH_TIMED
                        + OldForms.little(FUTURE_MS, 8)
                        + OldForms.length(1)
                        + OldForms.length(1 + random.nextInt(100))
                        + OldForms.string("f")
                        + OldForms.string("value");
    }

    /// A body with some bytes changed, left out or added.
    private String forged(String body) {
        var forged = new StringBuilder(body);
        for (int i = random.nextInt(3); i >= 0 && !forged.isEmpty(); i--) {
            int at = random.nextInt(Math.min(forged.length(), random.nextBoolean() ? 30 : Integer.MAX_VALUE));
            switch (random.nextInt(3)) {
                case 0 -> forged.setCharAt(at, (char) random.nextInt(256));
                case 1 -> forged.deleteCharAt(at);
                default -> forged.insert(at, (char) random.nextInt(256));
            }
        }
        return forged.toString();
    }
}
