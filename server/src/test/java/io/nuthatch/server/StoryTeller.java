package io.nuthatch.server;

import static org.assertj.core.api.Assertions.fail;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// Tells stories to one server and checks every reply.
final class StoryTeller implements AutoCloseable {
    private static final List<String> CLOSED = List.of("(closed)");
    private static final List<String> SILENCE = List.of("(silence)");

    private final ServerUnderTest server;
    private final RespClient steward;
    private final Map<String, String> configuration;

    StoryTeller(ServerUnderTest server) {
        this.server = server;
        this.steward = RespClient.connect(server.port());
        this.configuration = readConfiguration();
    }

    /// Runs the story on a clean server; fails with the first reply that is not as told.
    void tell(Path file, Story story) {
        var telling = new Telling(file);
        try {
            story.steps().forEach(telling::step);
            telling.expectNothingUnread();
        } finally {
            telling.end();
            cleanUp();
        }
    }

    private void cleanUp() {
        steward.call("CLIENT", "UNPAUSE");
        restoreConfiguration();
        for (String[] command :
                new String[][] {{"FLUSHALL"}, {"CONFIG", "RESETSTAT"}, {"SLOWLOG", "RESET"}, {"LATENCY", "RESET"}}) {
            Reply reply = steward.call(command);
            if (reply instanceof Reply.Failure failure) {
                throw new IllegalStateException(String.join(" ", command) + ": " + failure.text());
            }
        }
    }

    private Map<String, String> readConfiguration() {
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

    private void restoreConfiguration() {
        readConfiguration().forEach((name, value) -> {
            String before = configuration.get(name);
            if (before != null && !before.equals(value)) {
                Reply reply = steward.call("CONFIG", "SET", name, before);
                if (!reply.equals(new Reply.Simple("OK"))) {
                    throw new IllegalStateException("cannot restore " + name + "=" + before + ": " + reply);
                }
            }
        });
    }

    @Override
    public void close() {
        steward.close();
    }

    /// One story under way: its connections and what it has learned.
    private final class Telling {
        private final Path file;
        private final Map<String, RespClient> connections = new HashMap<>();
        private final Map<String, List<String>> lastWords = new HashMap<>();
        private final Map<String, String> variables = new HashMap<>();

        private Telling(Path file) {
            this.file = file;
        }

        private void step(Story.Step step) {
            switch (step) {
                case Story.Send send -> {
                    String command = ReplyPattern.expand(send.command(), variables);
                    boolean sent = send(send.connection(), command);
                    check(send, command, send.reply(), sent ? receive(send.connection(), RespClient::read) : CLOSED);
                }
                case Story.SendOnly send -> send(send.connection(), ReplyPattern.expand(send.command(), variables));
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
        private void expectNothingUnread() {
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
