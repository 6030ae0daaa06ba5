package io.nuthatch.server;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several clients talk to Redis and to Nuthatch, in the same order on both: they wait for each other's elements,
/// run transactions, swap databases, unblock each other. After every command the same clients must have got the
/// same replies, and the same must still wait.
///
/// A difference is printed with its seed and the whole conversation; `-Dnuthatch.seed=<seed>` plays it again.
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ConversationsTest {
    private static final int CONVERSATIONS = Boolean.getBoolean("nuthatch.long") ? 2_000 : 100;
    private static final int STEPS = 100;
    private static final int CLIENTS = 6;
    /// Where SORT and ZUNIONSTORE store. Nothing else is put there: stored over a key of another type, their
    /// results are not seen by clients that wait for them in Redis, but are here.
    private static final String STORED_LIST = "list";

    private static final String STORED_SORTED_SET = "sorted set";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// A server, and the clients at it.
    private static final class Stage implements AutoCloseable {
        private final ServerUnderTest server;
        private final RespClient steward;
        private final List<RespClient> clients = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();

        Stage(ServerUnderTest server) {
            this.server = server;
            this.steward = RespClient.connect(server.port());
            steward.call("FLUSHALL");
            for (int i = 0; i < CLIENTS; i++) {
                RespClient client = RespClient.connect(server.port());
                clients.add(client);
                ids.add(String.valueOf(((Reply.Int) client.call("CLIENT", "ID")).value()));
            }
        }

        void send(int client, List<String> words) {
            clients.get(client)
                    .queue(words.stream()
                            .map(word -> word.startsWith("id:") ? ids.get(Integer.parseInt(word.substring(3))) : word)
                            .toList());
            clients.get(client).flush();
        }

        /// Whether a client has a reply, when it has come to that or to wait.
        boolean isAnswered(int client) {
            try {
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofNanos(100_000))
                        .until(() -> clients.get(client).hasUnread() || isWaiting(client));
            } catch (ConditionTimeoutException late) {
                throw new IllegalStateException(server + " neither answers nor waits: client=" + client, late);
            }
            // What has been answered is seen before what waits no more: asked again, it cannot be both.
            return clients.get(client).hasUnread();
        }

        boolean isWaiting(int client) {
            String id = "id=" + ids.get(client) + " ";
            return ((Reply.Bulk) steward.call("CLIENT", "LIST"))
                    .text()
                    .lines()
                    .anyMatch(line -> line.startsWith(id) && line.matches(".* flags=\\w*b\\w* .*"));
        }

        Reply read(int client) {
            return clients.get(client).read();
        }

        @Override
        public void close() {
            clients.forEach(RespClient::close);
            steward.close();
        }
    }

    private static final class Conversation {
        private final Draw draw;
        private final Stage reference;
        private final Stage candidate;
        private final boolean[] waits = new boolean[CLIENTS];
        private final StringBuilder told = new StringBuilder();

        Conversation(Draw draw, Stage reference, Stage candidate) {
            this.draw = draw;
            this.reference = reference;
            this.candidate = candidate;
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                int client = draw.below(CLIENTS);
                if (waits[client]) {
                    continue;
                }
                boolean others = false;
                for (int i = 0; i < CLIENTS; i++) {
                    others |= i != client && !waits[i];
                }
                say(client, others && draw.oneIn(3) ? waitingCommand() : command());
            }
            expectTheSameToWait();
        }

        private void say(int client, List<String> words) {
            told.append("[%d] %s%n".formatted(client, String.join(" ", words)));
            reference.send(client, words);
            candidate.send(client, words);
            boolean answered = reference.isAnswered(client);
            expect(client, answered ? "answers" : "waits", candidate.isAnswered(client) ? "answers" : "waits");
            waits[client] = !answered;
            if (answered) {
                compareReplies(client);
            }
            for (int i = 0; i < CLIENTS; i++) {
                if (waits[i] && !reference.isWaiting(i)) {
                    waits[i] = false;
                    compareReplies(i);
                }
            }
        }

        private void compareReplies(int client) {
            Reply expected = reference.read(client);
            told.append("    [%d] gets %s%n".formatted(client, expected));
            expect(client, expected.toString(), candidate.read(client).toString());
        }

        private void expect(int client, String expected, String actual) {
            if (!expected.equals(actual)) {
                fail("client %d: redis: %s, nuthatch: %s%n%s", client, expected, actual, told);
            }
        }

        private boolean anyWaits() {
            for (boolean each : waits) {
                if (each) {
                    return true;
                }
            }
            return false;
        }

        private void expectTheSameToWait() {
            for (int i = 0; i < CLIENTS; i++) {
                if (waits[i]) {
                    expect(i, "waits", candidate.isAnswered(i) ? "answers" : "waits");
                } else {
                    expect(i, "false", String.valueOf(candidate.isWaiting(i)));
                }
            }
        }

        private String key() {
            return draw.oneOf("a", "b", "c", "d");
        }

        private List<String> keys() {
            var keys = new ArrayList<String>();
            for (int i = draw.below(3); i >= 0; i--) {
                keys.add(draw.oneOf("a", "b", "c", "d", STORED_LIST, STORED_SORTED_SET));
            }
            return keys;
        }

        private String side() {
            return draw.oneOf("LEFT", "RIGHT");
        }

        private List<String> waitingCommand() {
            List<String> keys = keys();
            String count = String.valueOf(keys.size());
            return switch (draw.below(8)) {
                case 0, 1 -> Recipe.words("BLPOP", keys, "0");
                case 2 -> Recipe.words("BRPOP", keys, "0");
                case 3 -> Recipe.words("BLMOVE", key(), key(), side(), side(), "0");
                case 4 -> Recipe.words("BRPOPLPUSH", key(), key(), "0");
                case 5 -> Recipe.words("BLMPOP", "0", count, keys, side(), "COUNT", draw.oneOf("1", "2", "10"));
                case 6 -> Recipe.words(draw.oneOf("BZPOPMIN", "BZPOPMAX"), keys, "0");
                default -> Recipe.words("BZMPOP", "0", count, keys, draw.oneOf("MIN", "MAX"), "COUNT", "2");
            };
        }

        /// With a word too many, or in which one is not what it should be.
        private List<String> mistaken(List<String> words) {
            var wrong = new ArrayList<>(words);
            switch (draw.below(3)) {
                case 0 -> wrong.add(draw.oneOf("-1", "x", ""));
                case 1 -> wrong.set(wrong.size() - 1, draw.oneOf("-1", "x", "", "nan"));
                default -> wrong.set(1 + draw.below(wrong.size() - 1), "-1");
            }
            wrong.replaceAll(word -> word.equals("0") ? "-1" : word);
            return wrong;
        }

        private List<String> values() {
            var values = new ArrayList<String>();
            for (int i = draw.below(3); i >= 0; i--) {
                values.add(draw.oneOf("x", "y", "z", "1", "22"));
            }
            return values;
        }

        private List<String> command() {
            return switch (draw.below(40)) {
                case 0, 1, 2, 3, 4, 5, 6 -> Recipe.words(draw.oneOf("LPUSH", "RPUSH"), key(), values());
                case 7, 8, 9 -> Recipe.words("ZADD", key(), "1", "one", draw.oneOf("2", "3"), "other");
                case 10 -> Recipe.words(draw.oneOf("LPOP", "RPOP"), key());
                case 11 -> Recipe.words("LMOVE", key(), key(), side(), side());
                case 12 -> Recipe.words("DEL", keys());
                case 13 -> Recipe.words("SET", key(), "x");
                case 14 -> Recipe.words("RENAME", key(), key());
                case 15 -> Recipe.words("COPY", key(), key(), "DB", draw.oneOf("0", "1"), "REPLACE");
                case 16 -> Recipe.words("MOVE", key(), draw.oneOf("0", "1"));
                case 17 -> Recipe.words("SORT", key(), "ALPHA", "STORE", STORED_LIST);
                case 18 -> Recipe.words("ZUNIONSTORE", STORED_SORTED_SET, "2", key(), key());
                case 19 -> Recipe.words("LINSERT", key(), "BEFORE", "x", "y");
                // In which order Redis looks at several keys that have come is its hash table's affair.
                case 20 -> anyWaits() ? Recipe.words("PING") : Recipe.words("SWAPDB", "0", "1");
                case 21 -> Recipe.words(draw.oneIn(2) ? "FLUSHALL" : "FLUSHDB");
                case 22, 23 -> Recipe.words("SELECT", draw.oneOf("0", "1"));
                case 24, 25 -> Recipe.words("LRANGE", key(), "0", "-1");
                case 26 -> Recipe.words("EXISTS", keys());
                case 27, 28, 29 -> Recipe.words("MULTI");
                case 30, 31, 32, 33, 34 -> Recipe.words("EXEC");
                case 35 -> Recipe.words("DISCARD");
                case 36 -> Recipe.words("WATCH", keys());
                case 37, 38 ->
                    Recipe.words("CLIENT", "UNBLOCK", "id:" + draw.below(CLIENTS), draw.oneOf("TIMEOUT", "ERROR"));
                default -> mistaken(waitingCommand());
            };
        }
    }

    @Test
    void clientsThatWaitForEachOtherAreAnsweredAlike() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("ConversationsTest seed=" + seed);
        try (ServerUnderTest redis = ServerKind.REDIS.start();
                ServerUnderTest nuthatch = ServerKind.NUTHATCH.start()) {
            for (int i = 0; i < CONVERSATIONS; i++) {
                try (var reference = new Stage(redis);
                        var candidate = new Stage(nuthatch)) {
                    new Conversation(new Draw(new Random(seed * 31 + i)), reference, candidate).play();
                }
            }
        }
    }
}
