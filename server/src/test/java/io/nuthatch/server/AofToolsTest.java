package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import io.nuthatch.persistence.AofCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `check-aof` and `restore`.
class AofToolsTest {
    @TempDir
    private Path folder;

    private Path log() {
        return folder.resolve("appendonlydir");
    }

    private Path manifest() {
        return log().resolve("appendonly.aof.manifest");
    }

    private Path lastIncrement() throws IOException {
        return log().resolve(
                        Files.readString(manifest()).lines().toList().getLast().split(" ")[1]);
    }

    private static InProcessNuthatch start(Path dir, String... directives) {
        var all = new TreeMap<>(Map.of("dir", dir.toString(), "appendonly", "yes", "save", ""));
        for (int i = 0; i < directives.length; i += 2) {
            all.put(directives[i], directives[i + 1]);
        }
        var config = new Config();
        config.set(all);
        return InProcessNuthatch.start(config);
    }

    private void writeLog() {
        try (InProcessNuthatch nuthatch = start(folder);
                RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "a", "1");
            client.call("SET", "b", "2");
        }
    }

    private AofCheck.Outcome check(AofCheck.Action action, long second) throws IOException {
        return AofCheck.of(manifest(), action, second);
    }

    @Test
    void aWholeLogIsWhole() throws IOException {
        writeLog();
        assertThat(check(AofCheck.Action.NOTHING, 0).whole()).isTrue();
        assertThat(Main.execute("check-aof", manifest().toString())).isZero();
    }

    @Test
    void aTornEndIsToldAndCutOff() throws IOException {
        writeLog();
        long whole = Files.size(lastIncrement());
        Files.writeString(
                lastIncrement(), Files.readString(lastIncrement(), ISO_8859_1) + "*2\r\n$4\r\nINCR\r\n$1", ISO_8859_1);
        assertThat(Main.execute("check-aof", manifest().toString())).isOne();
        assertThat(check(AofCheck.Action.NOTHING, 0).lines()).contains("--fix cuts off the 16 bytes from there on");
        assertThat(Main.execute("check-aof", "--fix", manifest().toString())).isZero();
        assertThat(Files.size(lastIncrement())).isEqualTo(whole);
        assertThat(Main.execute("check-aof", manifest().toString())).isZero();
    }

    @Test
    void damageIsToldWithItsByte() throws IOException {
        writeLog();
        String text = Files.readString(lastIncrement(), ISO_8859_1);
        int at = text.lastIndexOf("*3");
        Files.writeString(lastIncrement(), text.substring(0, at) + "x" + text.substring(at + 1), ISO_8859_1);
        AofCheck.Outcome outcome = check(AofCheck.Action.NOTHING, 0);
        assertThat(outcome.whole()).isFalse();
        assertThat(outcome.lines()).anyMatch(line -> line.startsWith("it is damaged at byte " + at));
        check(AofCheck.Action.FIX, 0);
        try (InProcessNuthatch nuthatch = start(folder);
                RespClient client = RespClient.connect(nuthatch.port())) {
            assertThat(client.call("EXISTS", "a", "b")).isEqualTo(new Reply.Int(1));
        }
    }

    @Test
    void whatIsLaterThanASecondIsCutOff() throws IOException {
        long began;
        try (InProcessNuthatch nuthatch = start(folder, "aof-timestamp-enabled", "yes");
                RespClient client = RespClient.connect(nuthatch.port())) {
            began = second(client);
            for (int i = 1; i <= 3; i++) {
                client.call("MULTI");
                client.call("SET", "step", String.valueOf(i));
                client.call("RPUSH", "steps", String.valueOf(i));
                client.call("EXEC");
                nuthatch.letPass(Duration.ofSeconds(10));
            }
        }
        String second = String.valueOf(began + 15);
        assertThat(Main.execute(
                        "check-aof",
                        "--truncate-to-timestamp",
                        second,
                        manifest().toString()))
                .isZero();
        try (InProcessNuthatch nuthatch = start(folder);
                RespClient client = RespClient.connect(nuthatch.port())) {
            assertThat(client.call("GET", "step")).isEqualTo(new Reply.Bulk("2"));
            assertThat(client.call("LLEN", "steps")).isEqualTo(new Reply.Int(2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "no"})
    void anEarlierTimeIsRestored(String preamble) throws IOException {
        String[] kept = {"aof-timestamp-enabled", "yes", "aof-disable-auto-gc", "yes", "aof-use-rdb-preamble", preamble
        };
        long began;
        try (InProcessNuthatch nuthatch = start(folder, kept);
                RespClient client = RespClient.connect(nuthatch.port())) {
            began = second(client);
            for (int i = 1; i <= 6; i++) {
                client.call("SET", "step", String.valueOf(i));
                client.call("RPUSH", "steps", String.valueOf(i));
                if (i % 2 == 0) {
                    rewrite(client);
                }
                nuthatch.letPass(Duration.ofSeconds(10));
            }
        }
        for (int i = 1; i <= 6; i++) {
            Path restored = folder.resolve("restored-" + i);
            String time = String.valueOf(began + 10L * (i - 1) + 5);
            assertThat(Main.execute("restore", "--to", time, "--dir", folder.toString(), "--into", restored.toString()))
                    .as("step %d", i)
                    .isZero();
            try (InProcessNuthatch nuthatch = start(restored);
                    RespClient client = RespClient.connect(nuthatch.port())) {
                assertThat(client.call("GET", "step")).isEqualTo(new Reply.Bulk(String.valueOf(i)));
                assertThat(client.call("LLEN", "steps")).isEqualTo(new Reply.Int(i));
            }
        }
        assertThat(Main.execute("restore", "--to", "1000", "--dir", folder.toString(), "--into", folder + "/too-old"))
                .isOne();
        assertThat(Main.execute("restore", "--to", "soon", "--dir", folder.toString()))
                .isEqualTo(2);
    }

    private static long second(RespClient client) {
        Reply.Array time = (Reply.Array) client.call("TIME");
        return Long.parseLong(((Reply.Bulk) time.items().getFirst()).text());
    }

    private void rewrite(RespClient client) {
        List<String> before = manifestLines();
        client.call("BGREWRITEAOF");
        Awaitility.await().until(() -> !baseOf(manifestLines()).equals(baseOf(before)));
        Awaitility.await()
                .until(() ->
                        ((Reply.Bulk) client.call("INFO", "persistence")).text().contains("aof_rewrite_in_progress:0"));
    }

    private static String baseOf(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains("type b"))
                .findFirst()
                .orElse("");
    }

    private List<String> manifestLines() {
        try {
            return Files.readAllLines(manifest());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
