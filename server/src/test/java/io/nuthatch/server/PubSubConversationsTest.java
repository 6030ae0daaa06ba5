package io.nuthatch.server;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several clients subscribe, publish and change keys, over RESP2 and RESP3, in the same order at Redis and at
/// Nuthatch. After every step each of them must have got the same from both: replies, messages, keyspace
/// notifications.
///
/// What one client gets in one step is compared without its order: of several patterns that match a message,
/// which comes first is the affair of Redis's hash table, and who publishes to itself gets the message here
/// after its replies.
///
/// A difference is printed with its seed and the whole conversation; `-Dnuthatch.seed=<seed>` plays it again.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PubSubConversationsTest {
    private static final int CONVERSATIONS = Boolean.getBoolean("nuthatch.long") ? 1_000 : 50;
    private static final int STEPS = 100;
    private static final int CLIENTS = 5;
    /// The client that runs transactions and listens to nobody: within EXEC, Redis would put what it tells
    /// itself among the replies, too many for the array.
    private static final int PUBLISHER = 0;

    private static final List<String> WITHOUT_COUNT = List.of("unsubscribe", "punsubscribe", "sunsubscribe");

    /// The clients of one server.
    private static final class Stage implements AutoCloseable {
        private final RespClient steward;
        private final List<RespClient> clients = new ArrayList<>();

        Stage(ServerUnderTest server) {
            steward = RespClient.connect(server.port());
            // Those of the conversation before may still be on their way out.
            Awaitility.await().until(this::nobodyListens);
            steward.call("FLUSHALL");
            steward.call("CONFIG", "SET", "notify-keyspace-events", "KEA");
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(RespClient.connect(server.port()));
            }
        }

        private boolean nobodyListens() {
            Reply none = new Reply.Array(List.of());
            return steward.call("PUBSUB", "CHANNELS").equals(none)
                    && steward.call("PUBSUB", "SHARDCHANNELS").equals(none)
                    && steward.call("PUBSUB", "NUMPAT").equals(new Reply.Int(0));
        }

        void send(int client, List<List<String>> requests) {
            requests.forEach(clients.get(client)::queue);
            clients.get(client).flush();
        }

        /// All that a client has got before the answer to a PING sent now.
        List<String> got(int client, String token) {
            send(client, List.of(List.of("PING", token)));
            List<String> got = new ArrayList<>();
            while (true) {
                String next = told(clients.get(client).readAnything());
                if (next.contains(token)) {
                    return got;
                }
                got.add(next);
            }
        }

        /// What HELLO says of a server is its own.
        ///
        /// Who unsubscribes from everything at once does it in whatever order, so what is left after each is no
        /// matter.
        private static String told(Reply reply) {
            String text = reply.toString();
            if (text.contains("Bulk[text=proto]")) {
                return "what HELLO says";
            }
            boolean ends = WITHOUT_COUNT.stream().anyMatch(kind -> text.contains("[Bulk[text=" + kind + "]"));
            return ends ? text.replaceAll("Int\\[value=\\d+]", "Int") : text;
        }

        @Override
        public void close() {
            clients.forEach(RespClient::close);
            steward.call("CONFIG", "SET", "notify-keyspace-events", "");
            steward.close();
        }
    }

    private static final class Conversation {
        private final Draw draw;
        private final Stage reference;
        private final Stage candidate;
        private final StringBuilder told = new StringBuilder();

        Conversation(Draw draw, Stage reference, Stage candidate) {
            this.draw = draw;
            this.reference = reference;
            this.candidate = candidate;
        }

        void play(long seed) {
            for (int step = 0; step < STEPS; step++) {
                int speaker = draw.below(CLIENTS);
                List<List<String>> requests = requests(speaker);
                told.append("[%d] %s%n".formatted(speaker, requests));
                reference.send(speaker, requests);
                candidate.send(speaker, requests);
                // The speaker first: when it has its replies, what they bring to the others is on its way, and what
                // they
                // bring to itself, which may come behind all that it sends at once.
                String token = "token-" + step;
                List<String> expected = reference.got(speaker, token + "a");
                List<String> actual = candidate.got(speaker, token + "a");
                for (int i = 0; i < CLIENTS; i++) {
                    compare(
                            i,
                            token + "b",
                            i == speaker ? expected : List.of(),
                            i == speaker ? actual : List.of(),
                            seed);
                }
            }
        }

        /// @param expectedSoFar what the client has already got from Redis, `soFar` from Nuthatch
        private void compare(int client, String token, List<String> expectedSoFar, List<String> soFar, long seed) {
            List<String> expected = sorted(expectedSoFar, reference.got(client, token));
            List<String> actual = sorted(soFar, candidate.got(client, token));
            if (!expected.equals(actual)) {
                fail("seed=%d client %d: redis: %s, nuthatch: %s%n%s", seed, client, expected, actual, told);
            }
        }

        private static List<String> sorted(List<String> some, List<String> more) {
            return Stream.concat(some.stream(), more.stream()).sorted().toList();
        }

        private List<List<String>> requests(int speaker) {
            if (speaker != PUBLISHER) {
                return List.of(request());
            }
            if (!draw.oneIn(3)) {
                return List.of(draw.oneIn(3) ? change() : publish());
            }
            var transaction = new ArrayList<List<String>>();
            transaction.add(List.of("MULTI"));
            for (int i = draw.below(4); i >= 0; i--) {
                transaction.add(draw.oneIn(3) ? change() : publish());
            }
            transaction.add(List.of(draw.oneIn(5) ? "DISCARD" : "EXEC"));
            return transaction;
        }

        private List<String> request() {
            return switch (draw.below(24)) {
                case 0, 1, 2 -> Recipe.words("SUBSCRIBE", channels());
                case 3, 4 -> Recipe.words("PSUBSCRIBE", patterns());
                case 5 -> Recipe.words("SSUBSCRIBE", channels());
                case 6 -> Recipe.words("UNSUBSCRIBE", draw.oneIn(3) ? List.of() : channels());
                case 7 -> Recipe.words("PUNSUBSCRIBE", draw.oneIn(3) ? List.of() : patterns());
                case 8 -> Recipe.words("SUNSUBSCRIBE", draw.oneIn(3) ? List.of() : channels());
                case 9 -> Recipe.words("PUBSUB", "NUMSUB", channels());
                case 10 -> List.of("PUBSUB", draw.oneOf("NUMPAT", "nosuch"));
                case 11 -> Recipe.words("PUBSUB", "SHARDNUMSUB", channels());
                case 12 ->
                    List.of(draw.oneOf("RESET", "HELLO 3", "HELLO 2", "GET a").split(" "));
                case 13, 14, 15, 16 -> change();
                default -> publish();
            };
        }

        private List<String> publish() {
            return List.of(draw.oneOf("PUBLISH", "PUBLISH", "SPUBLISH"), channel(), "message " + draw.below(100));
        }

        /// Of a key, which some may hear of.
        private List<String> change() {
            String key = draw.oneOf("a", "b", "c");
            return switch (draw.below(12)) {
                case 0, 1 -> List.of("SET", key, "1");
                case 2 -> List.of("INCR", key);
                case 3 -> List.of("DEL", key, "a");
                case 4 -> List.of("LPUSH", key, "x", "y");
                case 5 -> List.of("RPOP", key);
                case 6 -> List.of("SADD", key, "x");
                case 7 -> List.of("ZADD", key, "1", "x");
                case 8 -> List.of("HSET", key, "f", "v");
                case 9 -> List.of("RENAME", key, draw.oneOf("a", "b", "c"));
                case 10 -> List.of("EXPIRE", key, draw.oneOf("1000", "-1"));
                default -> List.of("SUNIONSTORE", key, "a", "b");
            };
        }

        private String channel() {
            return draw.oneOf("news", "news:a", "weather", "");
        }

        private List<String> channels() {
            var channels = new ArrayList<String>();
            do {
                channels.add(draw.oneIn(4) ? draw.oneOf("__keyspace@0__:a", "__keyevent@0__:del") : channel());
            } while (draw.oneIn(3));
            return channels;
        }

        private List<String> patterns() {
            var patterns = new ArrayList<String>();
            do {
                patterns.add(
                        draw.oneOf("*", "news*", "n[a-z]ws", "we?ther", "__key*__:*", "__keyspace@0__:[ab]", "\\*"));
            } while (draw.oneIn(3));
            return patterns;
        }
    }

    @Test
    void clientsHearTheSameOfEachOther() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("PubSubConversationsTest seed=" + seed);
        try (ServerUnderTest redis = ServerKind.REDIS.start();
                ServerUnderTest nuthatch = ServerKind.NUTHATCH.start()) {
            for (int i = 0; i < CONVERSATIONS; i++) {
                try (var reference = new Stage(redis);
                        var candidate = new Stage(nuthatch)) {
                    new Conversation(new Draw(new Random(seed * 31 + i)), reference, candidate).play(seed);
                }
            }
        }
    }
}
