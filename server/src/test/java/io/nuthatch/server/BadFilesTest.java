package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that finds files it cannot use: it says so in one sentence with the path and what to do, ends with
/// exit code 1, and has changed nothing.
class BadFilesTest {
    @TempDir
    private Path folder;

    /// A server's folder, and words of what it says to it.
    private record Case(String name, Path dir, boolean logs, List<String> words) {}

    /// Something is done to a folder that a server has left.
    @FunctionalInterface
    private interface Harm {
        void to(Path dir) throws IOException;
    }

    private final List<Case> cases = new ArrayList<>();

    // ---- snapshots ----------------------------------------------------------------------------------------------

    @Test
    void snapshotsThatCannotBeLoadedStopTheStart() throws IOException {
        Path whole = folder.resolve("whole");
        leaveData(whole, "appendonly", "no");
        String dump = read(whole.resolve("dump.rdb"));
        snapshot(
                whole,
                "of a newer version",
                dump.replace("REDIS0010", "REDIS0099"),
                "has version 99",
                "replicate from");
        snapshot(whole, "of no version", dump.replace("REDIS0010", "REDISzzzz"), "is not an RDB file", "move it away");
        snapshot(whole, "of another program", "SQLite format 3\0", "is not an RDB file", "by another program");
        snapshot(whole, "half-copied", dump.substring(0, dump.length() / 2), "is damaged at byte", "restore it from");
        snapshot(
                whole, "without an end", dump.substring(0, dump.length() - 8), "is damaged at byte", "restore it from");
        snapshot(whole, "of a few bytes", "REDI", "is too short", "restore it from a copy");
        snapshot(whole, "empty", "", "is empty", "move it away to start without data");
        snapshot(whole, "with a wrong bit", flipped(dump), "is damaged", "restore it from a copy");
        harmed(
                whole,
                "a directory",
                false,
                dir -> directoryInPlaceOf(dir.resolve("dump.rdb")),
                "is a directory",
                "move");
        checkAll();
    }

    private void snapshot(Path whole, String name, String content, String... words) throws IOException {
        harmed(whole, name, false, dir -> write(dir.resolve("dump.rdb"), content), words);
    }

    private static String flipped(String text) {
        int at = text.indexOf("the value");
        return text.substring(0, at) + (char) (text.charAt(at) ^ 1) + text.substring(at + 1);
    }

    // ---- logs ---------------------------------------------------------------------------------------------------

    private static final String MANIFEST = "appendonlydir/appendonly.aof.manifest";
    private static final String BASE = "appendonlydir/appendonly.aof.2.base.rdb";
    private static final String INCREMENT = "appendonlydir/appendonly.aof.2.incr.aof";

    @Test
    void logsThatCannotBeLoadedStopTheStart() throws IOException {
        Path whole = folder.resolve("whole");
        leaveData(whole, "appendonly", "yes");
        part(whole, MANIFEST, "of another program", _ -> "\u007fELF\1\2\3", "is not a manifest", "from a copy");
        part(
                whole,
                MANIFEST,
                "half a line",
                text -> text.substring(0, text.length() - 12),
                "not a manifest",
                "from a copy");
        part(whole, MANIFEST, "half its lines", text -> text.split("\n")[0] + "\n", "increment 2", "from a copy");
        part(whole, MANIFEST, "empty", _ -> "", "is empty", "from a copy");
        part(whole, BASE, "of a newer version", text -> text.replace("REDIS0010", "REDIS0099"), "has version 99");
        part(whole, BASE, "of another program", _ -> "SQLite format 3\0", "is damaged at byte 0", "check-aof");
        part(whole, BASE, "half-copied", text -> text.substring(0, text.length() / 2), "is damaged at byte", "copy");
        part(whole, BASE, "empty", _ -> "", "is empty", "restore it from a copy");
        part(whole, BASE, "with a wrong bit", BadFilesTest::flipped, "is damaged", "restore it from a copy");
        part(whole, INCREMENT, "of another program", _ -> "SQLite format 3\0", "is damaged at byte 0", "check-aof");
        part(whole, INCREMENT, "damaged", text -> text.replaceFirst("\\$3", "\\$x"), "is damaged at byte", "check-aof");
        for (String each : List.of(MANIFEST, BASE, INCREMENT)) {
            harmed(whole, "a directory", true, dir -> directoryInPlaceOf(dir.resolve(each)), "is a directory", "move");
            harmed(whole, "missing", true, dir -> Files.delete(dir.resolve(each)), "is missing", "from a copy");
        }
        checkAll();
    }

    private void part(Path whole, String file, String name, UnaryOperator<String> change, String... words)
            throws IOException {
        harmed(
                whole,
                file + " " + name,
                true,
                dir -> write(dir.resolve(file), change.apply(read(dir.resolve(file)))),
                words);
    }

    // ---- folders ------------------------------------------------------------------------------------------------

    @Test
    void foldersThatCannotBeUsedStopTheStart() throws IOException {
        add("a folder that nobody may write to", Path.of("/proc"), true, "/proc", "cannot be made", "'dir'");
        Path inTheWay = Files.createDirectory(folder.resolve("in the way"));
        Files.createFile(inTheWay.resolve("appendonlydir"));
        add("a file in place of the log's folder", inTheWay, true, "appendonlydir", "is no folder", "move it away");
        checkAll();
    }

    /// Nothing keeps root from reading a file.
    @Test
    void aFileOfSomebodyElseStopsTheStartOfWhoMayNotReadIt() throws IOException {
        Path dir = folder.resolve("kept");
        leaveData(dir, "appendonly", "no");
        Path file = dir.resolve("dump.rdb");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        if (Files.isReadable(file)) {
            var config = new Config();
            config.set(Map.of("dir", dir.toString()));
            try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                    RespClient client = RespClient.connect(nuthatch.port())) {
                assertThat(client.call("EXISTS", "k")).isEqualTo(new Reply.Int(1));
            }
        } else {
            add("kept by its owner", dir, false, "dump.rdb", "may not be read by this user", "give it to the user");
            checkAll();
        }
    }

    // ---- all of them --------------------------------------------------------------------------------------------

    /// Runs a server that leaves some data: in a log, half of it in the base.
    private static void leaveData(Path dir, String... directives) throws IOException {
        Files.createDirectory(dir);
        var config = new Config();
        config.set(Map.of("dir", dir.toString(), directives[0], directives[1]));
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start(config);
                RespClient client = RespClient.connect(nuthatch.port())) {
            client.call("SET", "k", "the value");
            client.call("RPUSH", "list", "a", "b", "c");
            if (config.appendonly.isOn()) {
                client.call("BGREWRITEAOF");
                Awaitility.await()
                        .until(() -> Files.exists(dir.resolve(BASE))
                                && read(dir.resolve(MANIFEST)).contains("2.base"));
                client.call("SET", "k", "the value after");
            } else {
                client.call("SAVE");
            }
        }
    }

    private void harmed(Path whole, String name, boolean logs, Harm harm, String... words) throws IOException {
        Path dir = folder.resolve("case " + cases.size());
        try (Stream<Path> files = Files.walk(whole)) {
            for (Path each : files.toList()) {
                Files.copy(each, dir.resolve(whole.relativize(each).toString()));
            }
        }
        harm.to(dir);
        add(name, dir, logs, words);
    }

    private void add(String name, Path dir, boolean logs, String... words) {
        cases.add(new Case(name, dir, logs, List.of(words)));
    }

    private void checkAll() throws IOException {
        for (Case each : cases) {
            check(each);
        }
    }

    private void check(Case each) throws IOException {
        boolean isOurs = each.dir.startsWith(folder) && Files.isDirectory(each.dir);
        Map<String, String> before = isOurs ? contents(each.dir) : Map.of();
        var config = new Config();
        config.set(Map.of("dir", each.dir.toString(), "appendonly", each.logs ? "yes" : "no"));
        String sentence;
        try (InProcessNuthatch started = InProcessNuthatch.start(config)) {
            sentence = "it starts: " + started;
        } catch (UncheckedIOException refused) {
            sentence = String.valueOf(refused.getCause().getMessage());
        }
        assertThat(sentence)
                .as(each.name)
                .contains(each.words)
                .contains(each.dir.toString())
                .doesNotContain("\n");
        if (isOurs) {
            assertThat(contents(each.dir)).as(each.name).isEqualTo(before);
        }
    }

    @Test
    void theProcessEndsWithExitCodeOneAndTheSentence() throws IOException, InterruptedException {
        Path dir = Files.createDirectory(folder.resolve("dir"));
        Path dump = Files.createFile(dir.resolve("dump.rdb"));
        try (ServerProcess server = ServerProcess.launch(dir)) {
            assertThat(server.exitCode()).isOne();
            assertThat(server.log().lines().filter(line -> line.startsWith("nuthatch: ")))
                    .containsExactly("nuthatch: " + dump
                            + " is empty: restore it from a copy, or move it away to start without data");
        }
        assertThat(dump).isEmptyFile();
    }

    private static Map<String, String> contents(Path dir) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path each : files.toList()) {
                boolean isFile = Files.isRegularFile(each) && Files.isReadable(each);
                contents.put(dir.relativize(each).toString(), isFile ? read(each) : "");
            }
        }
        return contents;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, ISO_8859_1);
    }

    private static void write(Path file, String content) throws IOException {
        Files.writeString(file, content, ISO_8859_1);
    }

    private static void directoryInPlaceOf(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
    }
}
