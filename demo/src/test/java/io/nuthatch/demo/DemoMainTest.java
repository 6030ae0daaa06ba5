package io.nuthatch.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.cache.ConfigurationException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The demo and the analyzer from end to end, in small, over a Nuthatch and a SQLite of their own.
class DemoMainTest {
    private static final List<String> NAMES = List.of(
            "records/sec",
            "time",
            "improvement %",
            "avg time (ms)",
            "cache hits",
            "cache misses",
            "hit ratio",
            "speedup",
            "total reads",
            "total writes");

    @TempDir
    private Path folder;

    private static String output(String... arguments) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(DemoMain.execute(arguments)).isZero();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theAnalyzerWritesAReport() throws Exception {
        String tables = output("analyze", "--share", "0.01", "--output", folder.toString());

        NAMES.forEach(name -> assertThat(tables).contains(name));
        JsonNode groups = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("report.json")))
                .get("groups");
        assertThat(groups.propertyNames())
                .containsExactlyInAnyOrder("Writes", "Batch sizes", "Reads", "Tiers", "Concurrent users");
        groups.values()
                .forEach(group -> group.forEach(measurement -> {
                    NAMES.forEach(name -> assertThat(measurement.get(name).isNumber())
                            .as(name)
                            .isTrue());
                    measurement
                            .get("tiers")
                            .forEach(tier -> NAMES.forEach(
                                    name -> assertThat(tier.get(name).isNumber())
                                            .as(name)
                                            .isTrue()));
                }));
        String page = Files.readString(folder.resolve("report.html"));
        NAMES.forEach(name -> assertThat(page).contains("<th>" + name + "</th>"));
        assertThat(page).contains("<svg").doesNotContain("http", "<script", "src=", "href=", "@import", "url(");
    }

    @Test
    void eachTierAnswersItsOwnReads() throws Exception {
        output("analyze", "--share", "0.01", "--output", folder.toString());
        JsonNode tiers = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("report.json")))
                .get("groups")
                .get("Tiers");
        for (JsonNode measurement : tiers) {
            String name = measurement.get("name").asString();
            boolean isDatabase = name.equals("database");
            assertThat(measurement.get("cache hits").asLong()).as(name).isEqualTo(isDatabase ? 0 : 200);
            assertThat(measurement.get("cache misses").asLong()).as(name).isEqualTo(isDatabase ? 200 : 0);
            measurement
                    .get("tiers")
                    .forEach(tier -> assertThat(tier.get("cache hits").asLong())
                            .as(name + ": " + tier.get("name").asString())
                            .isEqualTo(tier.get("name").asString().equals(name) ? 200 : 0));
        }
    }

    @Test
    void theDemoShowsWhatIsAskedFor() {
        String both = output("demo", "write-through", "--share", "0.01");
        assertThat(both)
                .contains("individual writes", "batched writes", "cold reads", "warm reads", "Concurrent users");
        assertThat(output("demo", "write-through", "--share", "0.01", "--writes-only"))
                .contains("individual writes")
                .doesNotContain("cold reads", "Concurrent users");
        assertThat(output("demo", "write-through", "--share", "0.01", "--reads-only"))
                .contains("cold reads")
                .doesNotContain("individual writes");
    }

    @Test
    void anotherDatabaseMayBeNamedAndIsLeftClean() throws Exception {
        Path file = folder.resolve("mine.db");
        output("demo", "write-through", "--share", "0.01", "--writes-only", "--db", "jdbc:sqlite:" + file);

        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery("SELECT count(*) FROM sqlite_master WHERE name LIKE 'nuthatch_demo%'")) {
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertThat(DemoMain.execute("demo", "write-through", "--writes-only", "--reads-only"))
                .isEqualTo(2);
        assertThat(DemoMain.execute("demo")).isEqualTo(2);
        assertThat(DemoMain.execute()).isEqualTo(2);
        assertThat(DemoMain.execute("analyze", "--db", "jdbc:nobody:x", "--output", folder.toString()))
                .isEqualTo(1);
    }

    @Test
    void nothingIsLeftBehind() {
        Workbench workbench = new Workbench(new Surroundings());
        workbench.store().close();
        Path used = workbench.newFolder().getParent();
        assertThat(used.resolve("demo.db")).exists();

        workbench.close();
        assertThat(used).doesNotExist();
    }

    @Test
    void nothingIsLeftBehindByADatabaseThatIsNotThere() {
        Surroundings surroundings = new Surroundings();
        surroundings.database = "jdbc:nobody:x";
        Workbench workbench = new Workbench(surroundings);
        Path used = workbench.newFolder().getParent();
        assertThatThrownBy(workbench::close).isInstanceOf(ConfigurationException.class);
        assertThat(used).doesNotExist();
    }

    @Test
    void aBarFillsAsItGoes() {
        assertThat(Progress.bar("x", 0, 10)).contains("[" + ".".repeat(30) + "]", "  0%");
        assertThat(Progress.bar("x", 5, 10)).contains("[" + "#".repeat(15) + ".".repeat(15) + "]", " 50%");
        assertThat(Progress.bar("x", 10, 10)).contains("[" + "#".repeat(30) + "]", "100%");
    }

    @Test
    void aTerminalSeesTheBars() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Progress progress = new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), true)) {
            progress.begin("writes", 10);
            progress.add(10);
            progress.end();
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("writes", "100%");
    }
}
