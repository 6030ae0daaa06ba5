package io.nuthatch.server;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Tells stories to a server and checks every reply.
///
/// Besides the connections of a story there is a steward's, which knows no password of the story's and cleans up after
/// it. A server whose story failed may be in any state: the next story gets a new one.
final class StoryTeller implements AutoCloseable {
    private static final List<String> CLOSED = List.of("(closed)");
    private static final List<String> SILENCE = List.of("(silence)");

    /// Commands that may wait for others. Those have come to wait before another connection's turn comes: nothing else
    /// orders what connections send.
    private static final Set<String> WAITING = Set.of(
            "BLMOVE",
            "BLMOVEM",
            "BLMPOP",
            "BLPOP",
            "BRPOP",
            "BRPOPLPUSH",
            "BZMPOP",
            "BZPOPMAX",
            "BZPOPMIN",
            "WAITAOF",
            "XREAD",
            "XREADGROUP");

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ServerKind kind;
    private ServerUnderTest server;
    private Map<String, String> configuration;

    StoryTeller(ServerKind kind) {
        this.kind = kind;
        this.server = kind.start();
        this.configuration = configuration(server);
    }

    /// Runs the story on a clean server; fails with the first reply that is not as told.
    void tell(Path file, Story story) {
        boolean clean = false;
        try (RespClient steward = RespClient.connect(server.port())) {
            // The server knows the steward before a story asks for passwords.
            steward.call("PING");
            var telling = new Telling(file, steward);
            try {
                story.steps().forEach(telling::step);
                telling.expectNothingUnread(steward);
            } finally {
                telling.end();
            }
            cleanUp(steward);
            clean = true;
        } finally {
            if (!clean) {
                startAfresh();
            }
        }
    }

    private void startAfresh() {
        server.close();
        server = kind.start();
        configuration = configuration(server);
    }

    private void cleanUp(RespClient steward) {
        steward.call("CLIENT", "UNPAUSE");
        restoreConfiguration(steward);
        expectSuccess(steward, "FLUSHALL");
        expectSuccess(steward, "CONFIG", "RESETSTAT");
        steward.call("SLOWLOG", "RESET");
        steward.call("LATENCY", "RESET");
    }

    private static void expectSuccess(RespClient steward, String... command) {
        if (steward.call(command) instanceof Reply.Failure failure) {
            throw new IllegalStateException(String.join(" ", command) + ": " + failure.text());
        }
    }

    private static Map<String, String> configuration(ServerUnderTest server) {
        try (RespClient steward = RespClient.connect(server.port())) {
            return configuration(steward);
        }
    }

    private static Map<String, String> configuration(RespClient steward) {
        var values = new TreeMap<String, String>();
        if (steward.call("CONFIG", "GET", "*") instanceof Reply.Array array) {
            for (int i = 0; i < array.items().size(); i += 2) {
                values.put(text(array.items().get(i)), text(array.items().get(i + 1)));
            }
        }
        return values;
    }

    private static String text(Reply reply) {
        return reply instanceof Reply.Bulk bulk ? bulk.text() : reply.toString();
    }

    private void restoreConfiguration(RespClient steward) {
        configuration(steward).forEach((name, value) -> {
            String before = configuration.get(name);
            if (before != null && !before.equals(value)) {
                expectSuccess(steward, "CONFIG", "SET", name, before);
            }
        });
    }

    @Override
    public void close() {
        server.close();
    }

    /// One story under way: its connections and what it has learned.
    private final class Telling {
        private final Path file;
        private final RespClient steward;
        private final Map<String, RespClient> connections = new HashMap<>();
        private final Map<String, List<String>> lastWords = new HashMap<>();
        private final Map<String, String> variables = new HashMap<>();

        private Telling(Path file, RespClient steward) {
            this.file = file;
            this.steward = steward;
        }

        private void step(Story.Step step) {
            switch (step) {
                case Story.Send send -> {
                    String command = ReplyPattern.expand(send.command(), variables);
                    boolean sent = send(send.connection(), command);
                    check(send, command, send.reply(), sent ? receive(send.connection(), RespClient::read) : CLOSED);
                }
                case Story.SendOnly send -> {
                    send(send.connection(), ReplyPattern.expand(send.command(), variables));
                    awaitWaiting(send.connection());
                }
                case Story.Arrive arrive -> {
                    List<String> actual = receive(arrive.connection(), RespClient::readAnything);
                    check(arrive, arrive.connection() + " gets", arrive.reply(), actual);
                }
                case Story.Pass pass -> server.letPass(pass.duration());
            }
        }

        /// Whether the connection is still there to be sent to.
        private boolean send(String connection, String command) {
            List<String> words = RedisCliFormat.words(command);
            lastWords.put(connection, words);
            RespClient client = connections.computeIfAbsent(connection, name -> RespClient.connect(server.port()));
            try {
                client.queue(words);
                client.flush();
                return true;
            } catch (UncheckedIOException e) {
                return false;
            }
        }

        /// Waits until the command that has been sent waits, or is answered.
        private void awaitWaiting(String connection) {
            RespClient client = connections.get(connection);
            if (!WAITING.contains(lastWords.get(connection).getFirst())) {
                return;
            }
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> client.hasUnread() || isWaiting(client.localPort()));
        }

        private boolean isWaiting(int port) {
            return steward.call("CLIENT", "LIST") instanceof Reply.Bulk list
                    && list.text()
                            .lines()
                            .filter(line -> line.contains(" addr=127.0.0.1:" + port + " "))
                            .anyMatch(line -> line.matches(".* flags=\\w*b\\w* .*"));
        }

        private List<String> receive(String connection, Function<RespClient, Reply> read) {
            RespClient client = connections.get(connection);
            if (client == null) {
                throw new IllegalArgumentException("no such connection: " + connection);
            }
            try {
                return RedisCliFormat.lines(read.apply(client), lastWords.get(connection));
            } catch (UncheckedIOException e) {
                client.close();
                connections.remove(connection);
                return e.getCause() instanceof SocketTimeoutException ? SILENCE : CLOSED;
            }
        }

        private void check(Story.Step step, String command, List<String> expected, List<String> actual) {
            List<String> visible = actual.stream()
                    .filter(line -> !line.isBlank())
                    .map(String::stripTrailing)
                    .toList();
            if (!ReplyPattern.matches(expected, visible, variables)) {
                fail(
                        "%s:%d: %s%n--- expected:%n%s%n--- %s said:%n%s",
                        file.getFileName(),
                        step.line(),
                        command,
                        String.join(System.lineSeparator(), expected),
                        server,
                        String.join(System.lineSeparator(), actual));
            }
        }

        /// A reply too many would otherwise be missed when it comes last.
        private void expectNothingUnread(RespClient steward) {
            // A round trip, so that what is under way has come; MONITOR does not show this command.
            steward.call("CONFIG", "GET", "port");
            var unread = new ArrayList<String>();
            connections.forEach((name, client) -> {
                if (client.hasUnread()) {
                    unread.add(name + ": " + client.readAnything());
                }
            });
            if (!unread.isEmpty()) {
                fail("replies that the story does not tell of: " + unread);
            }
        }

        private void end() {
            connections.values().forEach(RespClient::close);
        }
    }
}
