package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Commands over keys of several shards happen at one moment: whoever looks at all keys at once, in a transaction
/// or in a single command, never sees one half-way. Clients on several event loops change the keys meanwhile.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CrossShardTest {
    private static final int KEYS = 5;
    private static final int MEMBERS = 100;
    private static final int WRITERS = 3;
    private static final int CHANGES = Boolean.getBoolean("nuthatch.long") ? 500_000 : 10_000;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private InProcessNuthatch nuthatch;
    private RespClient observer;

    @BeforeEach
    void start() {
        System.out.println("CrossShardTest seed=" + seed);
        var config = new Config();
        config.set(Map.of("io-threads", "3"));
        nuthatch = InProcessNuthatch.start(config);
        observer = RespClient.connect(nuthatch.port());
    }

    @AfterEach
    void stop() {
        observer.close();
        nuthatch.close();
    }

    private interface Change {
        void make(RespClient client, Random random);
    }

    /// Several clients make changes, and another one looks all the while.
    private void whileChanging(Change change, Runnable look) throws InterruptedException {
        var faults = new ConcurrentLinkedQueue<Throwable>();
        var busy = new AtomicInteger(WRITERS);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < WRITERS; i++) {
            var random = new Random(seed + i);
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, fault) -> faults.add(fault))
                    .start(() -> {
                        try (RespClient client = RespClient.connect(nuthatch.port())) {
                            for (int each = 0; each < CHANGES; each++) {
                                change.make(client, random);
                            }
                        } finally {
                            busy.decrementAndGet();
                        }
                    }));
        }
        int looks = 0;
        while (busy.get() > 0) {
            look.run();
            looks++;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(faults).isEmpty();
        assertThat(looks).isGreaterThan(10);
        look.run();
    }

    private static String key(int number) {
        return "key:" + number;
    }

    private static String drawKey(Random random) {
        return key(random.nextInt(KEYS));
    }

    private static List<String> allKeys() {
        var keys = new ArrayList<String>();
        for (int i = 0; i < KEYS; i++) {
            keys.add(key(i));
        }
        return keys;
    }

    /// The replies to one command for each key, asked in one transaction.
    private List<Reply> all(String... words) {
        observer.call("MULTI");
        for (String key : allKeys()) {
            var command = new ArrayList<>(List.of(words));
            command.add(1, key);
            observer.call(command);
        }
        return ((Reply.Array) observer.call("EXEC")).items();
    }

    private static long sum(List<Reply> numbers) {
        return numbers.stream().mapToLong(reply -> ((Reply.Int) reply).value()).sum();
    }

    @Test
    void smoveNeitherLosesNorDoublesAMember() throws InterruptedException {
        for (int i = 0; i < MEMBERS; i++) {
            observer.call("SADD", key(i % KEYS), "member" + i);
        }
        whileChanging(
                (client, random) ->
                        client.call("SMOVE", drawKey(random), drawKey(random), "member" + random.nextInt(MEMBERS)),
                () -> {
                    assertThat(sum(all("SCARD"))).isEqualTo(MEMBERS);
                    Reply union = observer.call(Recipe.words("SUNION", allKeys()));
                    assertThat(((Reply.Array) union).items()).hasSize(MEMBERS);
                });
    }

    @Test
    void lmoveNeitherLosesNorDoublesAnElement() throws InterruptedException {
        for (int i = 0; i < MEMBERS; i++) {
            observer.call("RPUSH", key(i % KEYS), "element" + i);
        }
        whileChanging(
                (client, random) -> {
                    List<String> move = List.of(
                            drawKey(random),
                            drawKey(random),
                            random.nextBoolean() ? "LEFT" : "RIGHT",
                            random.nextBoolean() ? "LEFT" : "RIGHT");
                    List<String> several = List.of(
                            random.nextBoolean() ? "COUNT" : "EXACTLY",
                            String.valueOf(1 + random.nextInt(5)),
                            random.nextBoolean() ? "OBO" : "BULK");
                    client.call(
                            random.nextBoolean() ? Recipe.words("LMOVE", move) : Recipe.words("LMOVEM", move, several));
                },
                () -> {
                    var seen = new ArrayList<Reply>();
                    all("LRANGE", "0", "-1").forEach(list -> seen.addAll(((Reply.Array) list).items()));
                    assertThat(seen).hasSize(MEMBERS).doesNotHaveDuplicates();
                });
    }

    /// A value that is renamed from key to key is under one of them at any moment.
    @Test
    void renameNeitherLosesNorDoublesAKey() throws InterruptedException {
        observer.call("RPUSH", key(0), "x".repeat(10_000), "y");
        whileChanging(
                (client, random) -> client.call("RENAME", drawKey(random), drawKey(random)),
                () -> assertThat(observer.call(Recipe.words("EXISTS", allKeys())))
                        .isEqualTo(new Reply.Int(1)));
    }

    /// Each member is always in all sorted sets or in none, so in their union each has as many points as there are
    /// sets.
    @Test
    void zunionstoreSeesAllItsKeysAtOneMoment() throws InterruptedException {
        whileChanging(
                (client, random) -> {
                    String member = "member" + random.nextInt(MEMBERS);
                    boolean adds = random.nextBoolean();
                    client.queue(List.of("MULTI"));
                    for (String key : allKeys()) {
                        client.queue(adds ? List.of("ZADD", key, "1", member) : List.of("ZREM", key, member));
                    }
                    client.queue(List.of("EXEC"));
                    client.flush();
                    for (int i = 0; i < KEYS + 2; i++) {
                        client.read();
                    }
                },
                () -> {
                    observer.call(Recipe.words("ZUNIONSTORE", "union", String.valueOf(KEYS), allKeys()));
                    List<Reply> union =
                            ((Reply.Array) observer.call("ZRANGE", "union", "0", "-1", "WITHSCORES")).items();
                    var scores = new HashSet<Reply>();
                    for (int i = 1; i < union.size(); i += 2) {
                        scores.add(union.get(i));
                    }
                    assertThat(scores).isSubsetOf(new Reply.Bulk(String.valueOf(KEYS)));
                });
    }

    /// Money goes from account to account in transactions that watch both.
    @Test
    void execWithWatchKeepsASum() throws InterruptedException {
        allKeys().forEach(key -> observer.call("SET", key, "1000"));
        whileChanging(
                (client, random) -> {
                    String from = drawKey(random);
                    String to = drawKey(random);
                    client.call("WATCH", from, to);
                    long balance = Long.parseLong(((Reply.Bulk) client.call("GET", from)).text());
                    client.call("MULTI");
                    if (balance > 0) {
                        client.call("DECRBY", from, "7");
                        client.call("INCRBY", to, "7");
                    }
                    client.call("EXEC");
                },
                () -> {
                    List<Reply> balances = ((Reply.Array) observer.call(Recipe.words("MGET", allKeys()))).items();
                    long sum = balances.stream()
                            .mapToLong(reply -> Long.parseLong(((Reply.Bulk) reply).text()))
                            .sum();
                    assertThat(sum).isEqualTo(KEYS * 1000L);
                });
    }
}
