package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What clients prepare by HIMPORT: the hashes that are made of it, and what it takes.
class FieldsetsTest {
    private static final Reply OK = new Reply.Simple("OK");
    private static final int MEGABYTE = 1 << 20;
    private static final int ROUNDS = 2_000;

    private InProcessNuthatch nuthatch;
    private RespClient client;

    @BeforeEach
    void start() {
        var config = new Config();
        config.set(Map.of("hash-max-listpack-entries", "8", "hash-max-listpack-value", "20"));
        nuthatch = InProcessNuthatch.start(config);
        client = RespClient.connect(nuthatch.port());
    }

    @AfterEach
    void stop() {
        client.close();
        nuthatch.close();
    }

    private long preparedBytes() {
        return nuthatch.engine().clients().all().stream()
                .mapToLong(Session::fieldsetBytes)
                .sum();
    }

    private static List<String> fields(Random random) {
        var fields = new TreeSet<String>();
        for (int left = 1 + random.nextInt(12); left > 0; left--) {
            fields.add(Integer.toString(random.nextInt(200), 3));
        }
        var shuffled = new ArrayList<>(fields);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    /// HIMPORT SET does what DEL and HSET do, whatever the key had before and however large it becomes.
    @Test
    void aHashIsMadeAsByHset() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("FieldsetsTest seed=" + seed);
        var random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            String key = "imported" + random.nextInt(4);
            List<String> fields = fields(random);
            assertThat(client.call(Recipe.words("HIMPORT", "PREPARE", "f" + random.nextInt(3), fields)))
                    .isEqualTo(OK);
            String name = "last" + random.nextInt(3);
            client.call(Recipe.words("HIMPORT", "PREPARE", name, fields));
            var values = new ArrayList<String>();
            var pairs = new ArrayList<String>();
            for (String field : fields) {
                values.add("v".repeat(random.nextInt(random.nextInt(5) == 0 ? 40 : 10)));
                pairs.add(field);
                pairs.add(values.getLast());
            }
            assertThat(client.call(Recipe.words("HIMPORT", "SET", key, name, values)))
                    .isEqualTo(OK);
            client.call("DEL", "set");
            client.call(Recipe.words("HSET", "set", pairs));
            assertThat(sorted(key)).isEqualTo(sorted("set"));
            assertThat(client.call("OBJECT", "ENCODING", key)).isEqualTo(client.call("OBJECT", "ENCODING", "set"));
        }
        assertThat(client.call("HIMPORT", "DISCARDALL")).isEqualTo(new Reply.Int(6));
        assertThat(preparedBytes()).isZero();
    }

    private List<String> sorted(String key) {
        List<Reply> all = ((Reply.Array) client.call("HGETALL", key)).items();
        var pairs = new ArrayList<String>();
        for (int i = 0; i < all.size(); i += 2) {
            pairs.add(all.get(i) + "=" + all.get(i + 1));
        }
        Collections.sort(pairs);
        return pairs;
    }

    @Test
    void thereIsALimitForAllClientsAndWhoGoesMakesRoom() {
        String large = "x".repeat(MEGABYTE);
        Reply refusal = OK;
        int prepared = 0;
        try (RespClient greedy = RespClient.connect(nuthatch.port())) {
            for (; refusal.equals(OK); prepared++) {
                refusal = greedy.call("HIMPORT", "PREPARE", "f" + prepared, large);
            }
            assertThat(prepared).isEqualTo(64);
            assertThat(refusal).isEqualTo(new Reply.Failure("ERR too many or too large fieldsets are prepared"));
            assertThat(client.call("HIMPORT", "PREPARE", "f", large)).isEqualTo(refusal);
            assertThat(greedy.call("HIMPORT", "SET", "k", "f0", "v")).isEqualTo(OK);
        }
        Awaitility.await().until(() -> preparedBytes() == 0);
        assertThat(client.call("HIMPORT", "PREPARE", "f", large)).isEqualTo(OK);
    }

    @Test
    void whoPreparesTheMostIsEvictedFirst() {
        client.call("CONFIG", "SET", "maxmemory-clients", String.valueOf(8 * MEGABYTE));
        try (RespClient greedy = RespClient.connect(nuthatch.port())) {
            for (int i = 0; i < 9; i++) {
                greedy.queue(List.of("HIMPORT", "PREPARE", "f" + i, "x".repeat(MEGABYTE)));
            }
            greedy.flush();
            Awaitility.await().until(() -> nuthatch.engine().clients().evicted() == 1);
        }
        assertThat(client.call("PING")).isEqualTo(new Reply.Simple("PONG"));
    }
}
