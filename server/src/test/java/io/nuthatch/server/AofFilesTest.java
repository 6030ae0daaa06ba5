package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files of the append-only file: Nuthatch and redis-server go on with each other's, and what is damaged is refused
/// or exactly right.
///
/// The seed is printed; `-Dnuthatch.seed=<seed>` draws the same.
class AofFilesTest {
    private static final boolean LONG = Boolean.getBoolean("nuthatch.long");
    private static final int COMMANDS = LONG ? 40_000 : 4_000;
    private static final int DAMAGES = LONG ? 400 : 20;
    private static final int FLIPS = LONG ? 4_000 : 400;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private InProcessNuthatch nuthatch(String... directives) {
        var config = new Config();
        var all = new TreeMap<>(Map.of("dir", folder.toString(), "appendonly", "yes", "save", ""));
        for (int i = 0; i < directives.length; i += 2) {
            all.put(directives[i], directives[i + 1]);
        }
        config.set(all);
        return InProcessNuthatch.start(config);
    }

    private static void play(int commands, Draw draw, Recipes recipes, RespClient client) {
        for (int i = 0; i < commands; i++) {
            client.queue(EffectRecipes.draw(draw, recipes));
        }
        client.flush();
        for (int i = 0; i < commands; i++) {
            client.read();
        }
    }

    private Path manifest() {
        return folder.resolve("appendonlydir").resolve("appendonly.aof.manifest");
    }

    private Path lastIncrement() throws IOException {
        String last = Files.readString(manifest()).lines().toList().getLast();
        return manifest().resolveSibling(last.split(" ")[1]);
    }

    private Path base() throws IOException {
        String first = Files.readString(manifest()).lines().findFirst().orElseThrow();
        return manifest().resolveSibling(first.split(" ")[1]);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @Test
    void redisGoesOnWithOurs() throws IOException {
        System.out.println("AofFilesTest seed=" + seed);
        for (String preamble : List.of("yes", "no")) {
            try (RealRedis redis = RealRedis.start("--appendonly", "no")) {
                DataSet ours;
                try (InProcessNuthatch nuthatch =
                                nuthatch("aof-use-rdb-preamble", preamble, "aof-timestamp-enabled", "yes");
                        RespClient client = RespClient.connect(nuthatch.port())) {
                    play(COMMANDS, new Draw(random), Recipes.ofChapter(1), client);
                    client.call("BGREWRITEAOF");
                    play(COMMANDS, new Draw(random), Recipes.ofChapter(1), client);
                    awaitRewrite(client);
                    ours = DataSet.of(nuthatch, redis.port());
                }
                assertThat(Files.readString(lastIncrement(), ISO_8859_1)).contains("#TS:");
                assertThat(Files.readString(base(), ISO_8859_1)).startsWith(preamble.equals("yes") ? "REDIS" : "#TS:");
                assertThat(redisOver(folder))
                        .as("seed=%d preamble=%s", seed, preamble)
                        .isEqualTo(ours);
            }
            deleteLog();
        }
    }

    private void deleteLog() throws IOException {
        try (Stream<Path> files = Files.list(manifest().getParent())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static void awaitRewrite(RespClient client) {
        Awaitility.await()
                .until(() ->
                        ((Reply.Bulk) client.call("INFO", "persistence")).text().contains("aof_rewrite_in_progress:0"));
    }

    /// What a redis-server makes of a folder's log.
    private static DataSet redisOver(Path folder) throws IOException {
        try (RealRedis redis = RealRedis.start("--appendonly", "yes");
                RespClient client = RespClient.connect(redis.port())) {
            client.call("CONFIG", "SET", "appendonly", "no");
            Reply.Array dir = (Reply.Array) client.call("CONFIG", "GET", "dir");
            Path log = Path.of(((Reply.Bulk) dir.items().get(1)).text(), "appendonlydir");
            try (Stream<Path> files = Files.list(log)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(log);
            copy(folder.resolve("appendonlydir"), log);
            try (RealRedis second = RealRedis.start("--dir", log.getParent().toString(), "--appendonly", "yes");
                    RespClient reader = RespClient.connect(second.port())) {
                return DataSet.of(reader, second.port());
            }
        }
    }

    /// What no redis-server 7.0 knows, and what is special.
    @Test
    void aBaseOfCommandsHasEverything() throws IOException {
        List<List<String>> questions = List.of(
                List.of("SORT", "set", "ALPHA"),
                List.of("LRANGE", "list", "0", "-1"),
                List.of("ZRANGE", "sorted", "0", "-1", "WITHSCORES"),
                List.of("HMGET", "hash", "f1", "f299"),
                List.of("HLEN", "hash"),
                List.of("HPEXPIRETIME", "hash", "FIELDS", "3", "f1", "f2", "f3"),
                List.of("PEXPIRETIME", "hash"),
                List.of("STRLEN", "long"),
                List.of("XRANGE", "stream", "-", "+"),
                List.of("XINFO", "STREAM", "stream"),
                List.of("XINFO", "GROUPS", "stream"),
                List.of("XPENDING", "stream", "group"),
                List.of("XINFO", "STREAM", "emptied"),
                List.of("XLEN", "made"),
                List.of("XINFO", "GROUPS", "made"));
        List<Reply> before = new ArrayList<>();
        try (InProcessNuthatch nuthatch = nuthatch("aof-use-rdb-preamble", "no");
                RespClient client = RespClient.connect(nuthatch.port())) {
            fillWithEverything(client);
            client.call("BGREWRITEAOF");
            awaitRewrite(client);
            questions.forEach(each -> before.add(client.call(each)));
        }
        assertThat(Files.size(lastIncrement())).isZero();
        assertThat(Files.readString(base(), ISO_8859_1)).startsWith(command("SELECT", "0"));
        try (Stream<Path> files = Files.list(manifest().getParent())) {
            assertThat(files).as("manifest, base and increment").hasSize(3);
        }
        try (InProcessNuthatch nuthatch = nuthatch();
                RespClient client = RespClient.connect(nuthatch.port())) {
            for (int i = 0; i < questions.size(); i++) {
                assertThat(client.call(questions.get(i)))
                        .as("%s", questions.get(i))
                        .isEqualTo(before.get(i));
            }
            client.call("SELECT", "9");
            assertThat(client.call("DBSIZE")).isEqualTo(new Reply.Int(1));
        }
    }

    private static void fillWithEverything(RespClient client) {
        for (int i = 0; i < 300; i++) {
            client.call("RPUSH", "list", "element " + i);
            client.call("SADD", "set", "member " + i);
            client.call("ZADD", "sorted", i + ".25", "member " + i);
            client.call("HSET", "hash", "f" + i, "value " + i);
        }
        client.call("ZADD", "sorted", "-inf", "least");
        client.call("HPEXPIRE", "hash", "1000000", "FIELDS", "2", "f1", "f2");
        client.call("PEXPIRE", "hash", "2000000");
        client.call("SET", "long", "x".repeat(300_000));
        for (int i = 1; i <= 200; i++) {
            client.call("XADD", "stream", i + "-1", "field", "value " + i, "other", "");
        }
        client.call("XDEL", "stream", "200-1", "7-1");
        client.call("XGROUP", "CREATE", "stream", "group", "0");
        client.call("XGROUP", "CREATE", "stream", "nobody", "$");
        client.call("XREADGROUP", "GROUP", "group", "one", "COUNT", "3", "STREAMS", "stream", ">");
        client.call("XREADGROUP", "GROUP", "group", "two", "COUNT", "2", "STREAMS", "stream", ">");
        client.call("XGROUP", "CREATECONSUMER", "stream", "group", "three");
        client.call("XADD", "emptied", "5-5", "f", "v");
        client.call("XDEL", "emptied", "5-5");
        client.call("XGROUP", "CREATE", "made", "group", "$", "MKSTREAM");
        client.call("SELECT", "9");
        client.call("SET", "k", "v");
        client.call("SELECT", "0");
    }

    @Test
    void weGoOnWithWhatRedisWrote() {
        DataSet theirs;
        try (RealRedis redis = RealRedis.start(
                        "--dir", folder.toString(), "--appendonly", "yes", "--aof-timestamp-enabled", "yes");
                RespClient client = RespClient.connect(redis.port())) {
            play(COMMANDS, new Draw(random), Recipes.ofChapter(1), client);
            client.call("BGREWRITEAOF");
            awaitRewrite(client);
            play(COMMANDS, new Draw(random), Recipes.ofChapter(1), client);
            theirs = DataSet.of(client, redis.port());
        }
        try (RealRedis redis = RealRedis.start();
                InProcessNuthatch nuthatch = nuthatch()) {
            assertThat(DataSet.of(nuthatch, redis.port())).as("seed=%d", seed).isEqualTo(theirs);
        }
    }

    @Test
    void theOneFileOfOldRedisIsTakenOver() throws IOException {
        Files.writeString(folder.resolve("appendonly.aof"), command("SET", "a", "1") + command("INCR", "a"));
        for (int i = 0; i < 2; i++) {
            try (InProcessNuthatch nuthatch = nuthatch();
                    RespClient client = RespClient.connect(nuthatch.port())) {
                assertThat(client.call("INCR", "a")).isEqualTo(new Reply.Int(3 + i));
            }
        }
        assertThat(folder.resolve("appendonly.aof")).doesNotExist();
        assertThat(manifest()).content().startsWith("file appendonly.aof seq 1 type b next 1\n");
    }

    private static String command(String... words) {
        var text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append("$").append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    @Test
    void aLogIsTurnedOnAndOffWhileTheServerRuns() throws IOException {
        try (InProcessNuthatch nuthatch = nuthatch("appendonly", "no");
                RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "before", "1");
            client.call("CONFIG", "SET", "appendonly", "yes");
            Awaitility.await().until(() -> Files.exists(manifest()));
            client.call("SET", "after", "2");
            client.call("CONFIG", "SET", "appendonly", "no");
            client.call("SET", "off", "3");
            client.call("CONFIG", "SET", "appendfsync", "always");
            client.call("CONFIG", "SET", "appendonly", "yes");
            Awaitility.await().until(() -> Files.readString(manifest()).contains("seq 2 type b"));
            assertThat(client.call("SET", "again", "4")).isEqualTo(new Reply.Simple("OK"));
        }
        try (InProcessNuthatch nuthatch = nuthatch();
                RespClient client = RespClient.connect(nuthatch.port())) {
            assertThat(client.call("EXISTS", "before", "after", "off", "again")).isEqualTo(new Reply.Int(4));
        }
    }

    // ---- damage -----------------------------------------------------------------------------------------------

    private String smallLog() throws IOException {
        try (InProcessNuthatch nuthatch = nuthatch();
                RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "a", "1");
            client.call("RPUSH", "l", "x", "y", "z");
            client.call("MULTI");
            client.call("INCR", "n");
            client.call("HSET", "h", "f", "v");
            client.call("EXEC");
        }
        return Files.readString(lastIncrement(), ISO_8859_1);
    }

    @Test
    void aTornTailIsCutOffAtEveryByte() throws IOException {
        String whole = smallLog();
        int transaction = whole.indexOf(command("MULTI"));
        int list = whole.indexOf(command("RPUSH", "l", "x", "y", "z"));
        for (int length = 0; length <= whole.length(); length++) {
            Files.writeString(lastIncrement(), whole.substring(0, length), ISO_8859_1);
            try (InProcessNuthatch nuthatch = nuthatch();
                    RespClient client = RespClient.connect(nuthatch.port())) {
                boolean hasTransaction = length == whole.length();
                assertThat(client.call("EXISTS", "n", "h"))
                        .as("length=%d", length)
                        .isEqualTo(new Reply.Int(hasTransaction ? 2 : 0));
                boolean hasList = length >= transaction;
                assertThat(client.call("LLEN", "l")).isEqualTo(new Reply.Int(hasList ? 3 : 0));
                assertThat(client.call("EXISTS", "a")).isEqualTo(new Reply.Int(length >= list ? 1 : 0));
            }
            String kept = Files.readString(lastIncrement(), ISO_8859_1);
            assertThat(whole).startsWith(kept);
        }
    }

    @Test
    void aTornTailIsRefusedWhereThatIsWanted() throws IOException {
        String whole = smallLog();
        Files.writeString(lastIncrement(), whole.substring(0, whole.length() - 3), ISO_8859_1);
        assertThatThrownBy(() -> nuthatch("aof-load-truncated", "no"))
                .hasStackTraceContaining(
                        "ends within a command or a transaction that begins at byte " + whole.indexOf(command("MULTI")))
                .hasStackTraceContaining("check-aof --fix");
        assertThat(Files.readString(lastIncrement(), ISO_8859_1)).hasSize(whole.length() - 3);
    }

    /// A log has no checksum, in Redis's format as in ours: a flip within a word is a word, and is believed. All
    /// else is refused with the place.
    @Test
    void everyFlippedBitIsRefusedOrWithinAWord() throws IOException {
        String whole = smallLog();
        for (int bit = 0; bit < whole.length() * 8; bit++) {
            if (whole.length() * 8 > FLIPS && random.nextInt(whole.length() * 8) >= FLIPS) {
                continue;
            }
            byte[] bytes = whole.getBytes(ISO_8859_1);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(lastIncrement(), bytes);
            try (InProcessNuthatch nuthatch = nuthatch();
                    RespClient client = RespClient.connect(nuthatch.port())) {
                assertThat(client.call("PING")).isEqualTo(new Reply.Simple("PONG"));
            } catch (java.io.UncheckedIOException refused) {
                assertThat(refused.getCause())
                        .as("bit=%d", bit)
                        .hasMessageContaining("at byte ")
                        .hasMessageContaining("check-aof");
            }
        }
    }

    /// Never an end of the process, a hang, or data that was never there; what is refused is left as it is.
    @Test
    void randomDamageOfALargeLogIsRefusedOrHarmless() throws IOException {
        System.out.println("AofFilesTest seed=" + seed);
        try (InProcessNuthatch nuthatch = nuthatch();
                RespClient client = RespClient.connect(nuthatch.port())) {
            play(COMMANDS, new Draw(random), Recipes.ofChapter(1), client);
        }
        byte[] whole = Files.readAllBytes(lastIncrement());
        for (int round = 0; round < DAMAGES; round++) {
            byte[] damaged = damaged(whole);
            Files.write(lastIncrement(), damaged);
            try (InProcessNuthatch nuthatch = nuthatch();
                    RespClient client = RespClient.connect(nuthatch.port())) {
                assertThat(client.call("DBSIZE"))
                        .as("seed=%d round=%d", seed, round)
                        .isInstanceOf(Reply.Int.class);
            } catch (java.io.UncheckedIOException refused) {
                assertThat(refused.getCause())
                        .as("seed=%d round=%d", seed, round)
                        .hasMessageContaining("at byte ")
                        .hasMessageContaining("check-aof");
                assertThat(Files.readAllBytes(lastIncrement())).isEqualTo(damaged);
            }
        }
    }

    private byte[] damaged(byte[] whole) {
        int from = random.nextInt(whole.length);
        int length = 1 + random.nextInt(Math.min(2_000, whole.length - from));
        byte[] damaged = whole.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged = Arrays.copyOf(whole, from);
            case 1 -> System.arraycopy(whole, from + length, damaged, from, whole.length - from - length);
            case 2 -> Arrays.fill(damaged, from, from + length, (byte) 0);
            default -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, damaged, from, length);
            }
        }
        return damaged;
    }

    @Test
    void whatIsMissingIsSaidInOneSentence() throws IOException {
        smallLog();
        Path increment = lastIncrement();
        Files.delete(increment);
        assertThatThrownBy(this::nuthatch)
                .hasStackTraceContaining(increment + " is missing, and the manifest names it");
        Files.createFile(increment);
        Files.delete(manifest());
        assertThatThrownBy(this::nuthatch).hasStackTraceContaining(manifest() + " is missing, and there are files");
        Files.writeString(manifest(), "file x seq one type b\n");
        assertThatThrownBy(this::nuthatch).hasStackTraceContaining("is not a manifest that can be read (line 1");
        Files.writeString(manifest(), "");
        assertThatThrownBy(this::nuthatch).hasStackTraceContaining(manifest() + " is empty");
    }
}
