package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Random readers with a cache of their own, and random writers: no reader keeps a value that it was not told about.
/// Held against Redis too.
///
/// The values of a key only grow. When a reader has the reply to a PING, it must have been told of every change whose
/// writer had its reply before the PING was sent: so none of the values it holds may be older than those.
@ParameterizedClass
@EnumSource(ServerKind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrackingTest {
    private static final int KEYS = 40;
    private static final int READERS = 6;
    private static final int WRITERS = 3;
    private static final int ROUNDS = Boolean.getBoolean("nuthatch.long") ? 20_000 : 1_000;

    @Parameter
    private ServerKind kind;

    private ServerUnderTest server;
    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());

    @BeforeParameterizedClassInvocation
    void start() {
        server = kind.start();
    }

    @AfterParameterizedClassInvocation
    void stop() {
        server.close();
    }

    /// The newest value of each key of which a writer knows that the server has it.
    private final AtomicLongArray acknowledged = new AtomicLongArray(KEYS);

    private final AtomicBoolean writing = new AtomicBoolean();

    @ParameterizedTest(name = "CLIENT TRACKING ON {0}")
    @ValueSource(strings = {"", "NOLOOP", "OPTIN", "OPTOUT", "BCAST", "BCAST PREFIX key: NOLOOP"})
    void noReaderKeepsWhatItWasNotToldAbout(String options) throws Exception {
        play(options);
    }

    @ParameterizedTest(name = "{0} keys remembered")
    @ValueSource(ints = {1, 10})
    void noneDoesWhereTheTableIsSmall(int keys) throws Exception {
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("CONFIG", "SET", "tracking-table-max-keys", String.valueOf(keys));
            play("");
            client.call("CONFIG", "SET", "tracking-table-max-keys", "1000000");
        }
    }

    private void play(String options) throws Exception {
        try (RespClient client = RespClient.connect(server.port())) {
            client.call("FLUSHALL");
        }
        for (int i = 0; i < KEYS; i++) {
            acknowledged.set(i, 0);
        }
        writing.set(true);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            var readers = new ArrayList<Future<?>>();
            var writers = new ArrayList<Future<?>>();
            for (int i = 0; i < WRITERS; i++) {
                var random = new Random(seed + i);
                writers.add(threads.submit(() -> write(random)));
            }
            for (int i = 0; i < READERS; i++) {
                var random = new Random(seed * 31 + i);
                readers.add(threads.submit(() -> new Reader(options, random).read()));
            }
            try {
                for (Future<?> each : readers) {
                    each.get();
                }
            } finally {
                writing.set(false);
            }
            for (Future<?> each : writers) {
                each.get();
            }
        }
    }

    private static String key(int number) {
        return "key:" + number;
    }

    // ---- writers ------------------------------------------------------------------------------------------------

    private void write(Random random) {
        try (RespClient client = RespClient.connect(server.port())) {
            while (writing.get()) {
                int one = random.nextInt(KEYS);
                int other = random.nextInt(KEYS);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        client.call("MULTI");
                        client.call("INCR", key(one));
                        client.call("INCR", key(other));
                        List<Reply> values = ((Reply.Array) client.call("EXEC")).items();
                        acknowledge(one, values.getFirst());
                        acknowledge(other, values.getLast());
                    }
                    case 1 -> {
                        client.queue(List.of("INCR", key(one)));
                        client.queue(List.of("INCRBY", key(other), "3"));
                        client.flush();
                        acknowledge(one, client.read());
                        acknowledge(other, client.read());
                    }
                    default -> acknowledge(one, client.call("INCR", key(one)));
                }
            }
        }
    }

    private void acknowledge(int key, Reply value) {
        long number = ((Reply.Int) value).value();
        acknowledged.accumulateAndGet(key, number, Math::max);
    }

    // ---- readers ------------------------------------------------------------------------------------------------

    private final class Reader {
        private final String options;
        private final Random random;
        private final Map<Integer, Long> cache = new HashMap<>();
        private int hits;
        private int notices;

        private Reader(String options, Random random) {
            this.options = options;
            this.random = random;
        }

        private void read() {
            try (RespClient client = RespClient.connect(server.port())) {
                client.call("HELLO", "3");
                var words = new ArrayList<>(List.of("CLIENT", "TRACKING", "ON"));
                words.addAll(List.of(options.split(" ")).stream()
                        .filter(word -> !word.isEmpty())
                        .toList());
                client.call(words);
                for (int round = 0; round < ROUNDS; round++) {
                    get(client, random.nextInt(KEYS));
                    if (random.nextInt(20) == 0) {
                        checkAll(client);
                    }
                    if (random.nextInt(50) == 0) {
                        increment(client, random.nextInt(KEYS));
                    }
                }
                checkAll(client);
            }
            assertThat(hits).as("hits").isPositive();
            assertThat(notices).as("notices").isPositive();
        }

        private void get(RespClient client, int key) {
            if (cache.containsKey(key)) {
                hits++;
                return;
            }
            if (options.equals("OPTIN")) {
                client.queue(List.of("CLIENT", "CACHING", "YES"));
            }
            client.queue(random.nextInt(5) == 0 ? List.of("MGET", key(key)) : List.of("GET", key(key)));
            client.flush();
            if (options.equals("OPTIN")) {
                reply(client);
            }
            cache.put(key, value(reply(client)));
        }

        /// With NOLOOP a client has to see to its own changes itself.
        private void increment(RespClient client, int key) {
            cache.remove(key);
            client.queue(List.of("INCR", key(key)));
            client.flush();
            acknowledge(key, reply(client));
        }

        private static long value(Reply reply) {
            return switch (reply) {
                case Reply.Array(List<Reply> items) -> value(items.getFirst());
                case Reply.Bulk(String text) -> Long.parseLong(text);
                default -> 0;
            };
        }

        /// The next reply; what comes before it is heard at once.
        private Reply reply(RespClient client) {
            while (true) {
                Reply next = client.readAnything();
                if (!(next instanceof Reply.Push push)) {
                    return next;
                }
                hear(push);
            }
        }

        private void hear(Reply.Push push) {
            assertThat(push.items().getFirst()).isEqualTo(new Reply.Bulk("invalidate"));
            notices++;
            for (Reply name : ((Reply.Array) push.items().getLast()).items()) {
                cache.remove(Integer.parseInt(((Reply.Bulk) name).text().substring(4)));
            }
        }

        private void checkAll(RespClient client) {
            long[] before = new long[KEYS];
            for (int i = 0; i < KEYS; i++) {
                before[i] = acknowledged.get(i);
            }
            client.queue(List.of("PING"));
            client.flush();
            reply(client);
            cache.forEach((key, value) -> assertThat(value)
                    .as("seed=%d key=%d: what the client holds, and what it knows", seed, key)
                    .isGreaterThanOrEqualTo(before[key]));
        }
    }
}
