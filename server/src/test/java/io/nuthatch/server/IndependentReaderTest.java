package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.FileType;
import com.moilioncircle.redis.replicator.RedisReplicator;
import com.moilioncircle.redis.replicator.Replicator;
import com.moilioncircle.redis.replicator.cmd.CommandName;
import com.moilioncircle.redis.replicator.cmd.impl.DefaultCommand;
import com.moilioncircle.redis.replicator.cmd.parser.DefaultCommandParser;
import com.moilioncircle.redis.replicator.rdb.datatype.KeyValuePair;
import com.moilioncircle.redis.replicator.rdb.datatype.ZSetEntry;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A reader of RDB files and logs that neither we nor Redis have written finds in our RDB what clients find in the
/// server, and in our logs the commands that we mean.
class IndependentReaderTest {
    private static final int COMMANDS = Boolean.getBoolean("nuthatch.long") ? 50_000 : 3_000;
    private static final int LARGE = 1_000;
    private static final int DATABASES = 16;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());

    @TempDir
    private Path folder;

    @Test
    void itReadsWhatClientsRead() throws IOException {
        System.out.println("IndependentReaderTest seed=" + seed);
        Config config = new Config();
        config.set(Map.of("dir", folder.toString()));
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            play(client);
            Map<String, String> expected = content(client);
            assertThat(expected).hasSizeGreaterThan(10);
            assertThat(client.call("SAVE")).isEqualTo(new Reply.Simple("OK"));
            assertThat(read(folder.resolve("dump.rdb"))).isEqualTo(expected);
        }
    }

    @Test
    void itReadsTheCommandsOfALog() throws IOException {
        System.out.println("IndependentReaderTest seed=" + seed);
        Config config = new Config();
        config.set(Map.of("dir", folder.toString(), "appendonly", "yes", "aof-use-rdb-preamble", "no", "save", ""));
        Set<String> names;
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            play(client);
            client.call("BGREWRITEAOF");
            Awaitility.await()
                    .until(() -> ((Reply.Bulk) client.call("INFO", "persistence"))
                            .text()
                            .contains("aof_rewrite_in_progress:0"));
            play(client);
            names = nuthatch.engine().commands().all().stream()
                    .map(Command::fullName)
                    .collect(Collectors.toSet());
        }
        Path log = folder.resolve("appendonlydir");
        for (String name : List.of("appendonly.aof.2.base.aof", "appendonly.aof.2.incr.aof")) {
            Path file = log.resolve(name);
            assertThat(commands(file, names))
                    .as("seed=%d file=%s", seed, file)
                    .hasSizeGreaterThan(50)
                    .isEqualTo(JournalText.lines(Files.readString(file, ISO_8859_1)));
        }
    }

    private static List<String> commands(Path file, Set<String> names) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Replicator replicator = new RedisReplicator(file.toFile(), FileType.AOF, Configuration.defaultSetting())) {
            for (String name : names) {
                replicator.addCommandParser(
                        CommandName.name(name.toUpperCase(Locale.ROOT)), new DefaultCommandParser());
            }
            replicator.addEventListener((_, event) -> {
                if (event instanceof DefaultCommand command) {
                    lines.add(Stream.concat(Stream.of(command.getCommand()), Stream.of(command.getArgs()))
                            .map(IndependentReaderTest::text)
                            .collect(Collectors.joining(" ")));
                }
            });
            replicator.open();
        }
        return lines;
    }

    private void play(RespClient client) {
        Random random = new Random(seed);
        Draw draw = new Draw(random);
        for (int i = 0; i < COMMANDS; i++) {
            List<String> words = EffectRecipes.draw(draw, Recipes.ofChapter(i % 7));
            if (!words.getFirst().startsWith("FLUSH")) {
                client.call(words);
            }
        }
        for (int i = 0; i < LARGE; i++) {
            client.call("RPUSH", "large list", "element " + i, String.valueOf(i));
            client.call("SADD", "large set", "member " + i);
            client.call("HSET", "large hash", "field " + i, "value " + i);
            client.call("ZADD", "large sorted set", String.valueOf(i / 8.0), "member " + i);
        }
        client.call("SET", "timed", "v", "PX", "1000000");
        client.call("SET", "long", "0123456789".repeat(20_000));
    }

    // ---- what clients find

    private static Map<String, String> content(RespClient client) {
        Map<String, String> content = new TreeMap<>();
        for (int db = 0; db < DATABASES; db++) {
            client.call("SELECT", String.valueOf(db));
            for (String key : texts(client.call("KEYS", "*"))) {
                String deadline = String.valueOf(((Reply.Int) client.call("PEXPIRETIME", key)).value());
                List<String> parts = switch (((Reply.Simple) client.call("TYPE", key)).text()) {
                    case "string" -> List.of(((Reply.Bulk) client.call("GET", key)).text());
                    case "list" -> texts(client.call("LRANGE", key, "0", "-1"));
                    case "set" ->
                        texts(client.call("SMEMBERS", key)).stream().sorted().toList();
                    case "zset" ->
                        pairs(texts(client.call("ZRANGE", key, "0", "-1", "WITHSCORES")))
                                .map(pair -> pair.getFirst() + " " + Double.valueOf(pair.getLast()))
                                .sorted()
                                .toList();
                    case "hash" ->
                        pairs(texts(client.call("HGETALL", key)))
                                .map(pair -> pair.getFirst() + "=" + pair.getLast())
                                .sorted()
                                .toList();
                    default -> List.of("stream");
                };
                content.put(db + "/" + key, deadline + " " + parts);
            }
        }
        client.call("SELECT", "0");
        return content;
    }

    private static List<String> texts(Reply reply) {
        return ((Reply.Array) reply)
                .items().stream().map(item -> ((Reply.Bulk) item).text()).toList();
    }

    private static Stream<List<String>> pairs(List<String> flat) {
        List<List<String>> pairs = new ArrayList<>();
        for (int i = 0; i < flat.size(); i += 2) {
            pairs.add(flat.subList(i, i + 2));
        }
        return pairs.stream();
    }

    // ---- what the library finds

    private static Map<String, String> read(Path file) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Replicator replicator = new RedisReplicator(file.toFile(), FileType.RDB, Configuration.defaultSetting())) {
            replicator.addEventListener((_, event) -> {
                if (event instanceof KeyValuePair<?, ?> pair) {
                    String deadline = pair.getExpiredMs() == null
                            ? "-1"
                            : pair.getExpiredMs().toString();
                    content.put(
                            pair.getDb().getDbNumber() + "/" + text(pair.getKey()),
                            deadline + " " + parts(pair.getValue()));
                }
            });
            replicator.open();
        }
        return content;
    }

    private static List<String> parts(Object value) {
        return switch (value) {
            case byte[] bytes -> List.of(text(bytes));
            case List<?> elements ->
                elements.stream().map(IndependentReaderTest::text).toList();
            case Map<?, ?> fields ->
                fields.entrySet().stream()
                        .map(field -> text(field.getKey()) + "=" + text(field.getValue()))
                        .sorted()
                        .toList();
            case Collection<?> members ->
                members.stream().map(IndependentReaderTest::member).sorted().toList();
            default -> List.of("stream");
        };
    }

    private static String member(Object member) {
        return member instanceof ZSetEntry entry ? text(entry.getElement()) + " " + entry.getScore() : text(member);
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, ISO_8859_1);
    }
}
