package io.nuthatch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that writes behind, at each step of journal and transaction in turn, again and again over the
/// same journal and database, and then looks at what became of the writes.
class CrashTest {
    private static final List<String> POINTS = Stream.concat(
                    Arrays.stream(Step.values()).map(Step::name),
                    Stream.of("BEGUN", "MARK_READ", "ROWS_WRITTEN", "MARK_WRITTEN", "COMMIT", "COMMITTED"))
            .toList();
    private static final int ROUNDS_WHEN_LONG = 200;
    private static final int KILLED = 128 + 9;

    /// Values of one round are below those of the next.
    private static final long VALUES_OF_ROUND = 1_000_000;

    @TempDir
    private Path folder;

    /// The last write of each key that was begun, and the last that was acknowledged; null for a removal.
    private final Map<Integer, String> begun = new HashMap<>();

    private final Map<Integer, String> acknowledged = new HashMap<>();

    @Test
    void nothingAcknowledgedIsLostAndNothingIsMadeTwice() throws Exception {
        long seed = Long.getLong("nuthatch.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        makeTables();
        List<String> points = new ArrayList<>(POINTS);
        Collections.shuffle(points, random);
        if (Boolean.getBoolean("nuthatch.long")) {
            while (points.size() < ROUNDS_WHEN_LONG) {
                points.add(POINTS.get(random.nextInt(POINTS.size())));
            }
        }
        for (int round = 0; round < points.size(); round++) {
            runUntil(points.get(round), random.nextInt(20), (1 + round) * VALUES_OF_ROUND, random.nextLong());
        }
        try (Cache<Integer, Long> cache = CrashingWriter.builder(folder, CrashingWriter.dataSource(folder, point -> {}))
                .build()) {
            cache.flush();
            assertThat(cache.stats().backlog()).isEqualTo(Writer.Backlog.NONE);
        }
        assertEachKeyIsAsItWasLeft();
        assertEachChangeWasMadeOnceAndInOrder();
    }

    private void makeTables() throws Exception {
        sql("CREATE TABLE t (id INTEGER PRIMARY KEY, value INTEGER)");
        sql("CREATE TABLE audit (place INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER, value INTEGER)");
        sql("CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO audit (id, value) VALUES (new.id, new.value); END");
        sql("CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO audit (id, value) VALUES (new.id, new.value); END");
    }

    private void sql(String text) throws Exception {
        try (Connection connection = DriverManager.getConnection(CrashingWriter.url(folder));
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private void runUntil(String point, int count, long first, long seed) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                folder.toString(),
                point,
                "" + count,
                "" + first,
                "" + seed);
        builder.redirectError(folder.resolve("errors.log").toFile());
        Process process = builder.start();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                note(line);
            }
        }
        assertThat(process.waitFor())
                .as("exit code of the round that ends at " + point)
                .isEqualTo(KILLED);
    }

    private void note(String line) {
        String[] words = line.split(" ");
        if (words.length == 3) {
            (words[0].equals("ok") ? acknowledged : begun).put(Integer.valueOf(words[1]), words[2]);
        }
    }

    /// As the last acknowledged write left it, or as the one that was under way would have.
    private void assertEachKeyIsAsItWasLeft() throws Exception {
        Map<Integer, String> there = new HashMap<>();
        for (long[] row : rows("SELECT id, value FROM t")) {
            there.put((int) row[0], "" + row[1]);
        }
        assertThat(acknowledged).hasSize(CrashingWriter.KEYS);
        acknowledged.forEach((key, value) ->
                assertThat(there.getOrDefault(key, "-")).as("key " + key).isIn(value, begun.get(key)));
    }

    private void assertEachChangeWasMadeOnceAndInOrder() throws Exception {
        Map<Long, Long> last = new HashMap<>();
        for (long[] row : rows("SELECT id, value FROM audit ORDER BY place")) {
            assertThat(row[1]).as("key " + row[0]).isGreaterThan(last.getOrDefault(row[0], 0L));
            last.put(row[0], row[1]);
        }
        assertThat(last).hasSize(CrashingWriter.KEYS);
    }

    private List<long[]> rows(String select) throws Exception {
        try (Connection connection = DriverManager.getConnection(CrashingWriter.url(folder));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            List<long[]> found = new ArrayList<>();
            while (rows.next()) {
                found.add(new long[] {rows.getLong(1), rows.getLong(2)});
            }
            return found;
        }
    }
}
