package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandFlag;
import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// No words and no bytes that a client sends make a command fail inside, hang, or leave memory behind.
///
/// The words are drawn for every command there is, from its own syntax and from what commonly breaks things, so a new
/// command is tried without a line here. A failure names its seed; `-Dnuthatch.seed=<seed>` plays the same again.
class FuzzTest {
    private static final int BATCHES = 400;
    private static final int BATCH_LENGTH = 100;
    private static final int LONG_FACTOR = 50;
    private static final int MOST_ARGUMENTS = 9;

    private static final int CONNECTIONS = 1_000;
    private static final Reply PONG = new Reply.Simple("PONG");

    /// Beginnings of requests that promise much.
    private static final List<String> UNFINISHED = List.of(
            "",
            "*2147483647\r\n",
            "*2147483647\r\n$1\r\na\r\n$0\r\n\r\n",
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\nxyz",
            "*2\r\n$3\r\nGET\r\n$5000\r\n" + "k".repeat(4_000),
            "*-2147483648\r\n*1\r\n$-1\r\n",
            "SET a \"" + "x".repeat(3_000),
            "*1000\r\n" + "$1\r\na\r\n".repeat(999));

    /// Commands that end or silence the conversation, or stop or change the server.
    private static final Set<String> SPARED = Set.of(
            "quit",
            "shutdown",
            "monitor",
            "debug",
            "client|kill",
            "client|pause",
            "client|reply",
            "config|set",
            "config|rewrite");

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Draw draw = new Draw(new Random(seed));

    @Test
    void noWordsBreakACommand() {
        int batches = Boolean.getBoolean("nuthatch.long") ? BATCHES * LONG_FACTOR : BATCHES;
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start();
                RespClient client = RespClient.connect(nuthatch.port())) {
            List<Command> commands = nuthatch.engine().commands().commands().stream()
                    .flatMap(command -> Stream.concat(Stream.of(command), command.subcommands().stream()))
                    .filter(command -> !SPARED.contains(command.fullName()))
                    .filter(command -> !command.is(CommandFlag.BLOCKING) && !command.is(CommandFlag.PUBSUB))
                    .toList();
            client.call("PING");
            Set<Long> before = Memory.liveBlocks();
            for (int i = 0; i < batches; i++) {
                List<List<String>> batch = Stream.generate(() -> words(draw.oneOf(commands)))
                        .limit(BATCH_LENGTH)
                        .toList();
                send(client, batch);
            }
            expectNothingLeftBehind(client, before);
        }
    }

    @Test
    void noBytesBreakAConnection() {
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start();
                RespClient steward = RespClient.connect(nuthatch.port())) {
            steward.call("PING");
            Set<Long> before = Memory.liveBlocks();
            for (int i = 0; i < CONNECTIONS; i++) {
                String bytes = Mutilation.requests(draw) + draw.oneOf(UNFINISHED);
                try (RespClient client = RespClient.connect(nuthatch.port())) {
                    client.raw(bytes);
                    client.sendWhatItTakes();
                    // So that the bytes have been read before the connection goes.
                    assertThat(steward.call("PING"))
                            .as("seed=%d bytes=%s", seed, bytes)
                            .isEqualTo(PONG);
                }
            }
            expectNothingLeftBehind(steward, before);
        }
    }

    private void expectNothingLeftBehind(RespClient client, Set<Long> before) {
        // The client may be in the middle of a transaction.
        client.call("RESET");
        Memory.checkGuards();
        Awaitility.await().untilAsserted(() -> {
            // Each time: what other connections have sent may still be on its way.
            assertThat(client.call("FLUSHALL")).isEqualTo(new Reply.Simple("OK"));
            Set<Long> left = Memory.liveBlocks();
            left.removeAll(before);
            assertThat(left.stream().map(Memory::describe)).as("seed=%d", seed).isEmpty();
        });
    }

    private void send(RespClient client, List<List<String>> batch) {
        batch.forEach(client::queue);
        client.flush();
        for (List<String> words : batch) {
            Reply reply = client.read();
            if (reply instanceof Reply.Failure failure) {
                assertThat(failure.text()).as("seed=%d words=%s", seed, words).doesNotContain("internal error");
            }
        }
    }

    private List<String> words(Command command) {
        var words = new ArrayList<>(
                List.of(command.fullName().toUpperCase(Locale.ROOT).split("\\|")));
        List<String> vocabulary = Stream.of(command.syntax().split("[^A-Za-z0-9-]+"))
                .filter(word -> !word.isEmpty())
                .toList();
        // Mostly as many as the command takes, or a few more.
        int least = Math.abs(command.arity());
        int most = draw.oneIn(5) ? draw.below(MOST_ARGUMENTS) : least + draw.below(5);
        while (words.size() < most) {
            words.add(argument(vocabulary));
        }
        return words;
    }

    private String argument(List<String> vocabulary) {
        return switch (draw.below(10)) {
            case 0, 1, 2 -> draw.key();
            case 3, 4 -> draw.oneOf(vocabulary);
            case 5 -> draw.integer();
            case 6 -> String.valueOf(draw.below(6));
            case 7 -> draw.decimal();
            case 8 -> draw.pattern();
            default -> draw.value();
        };
    }
}
