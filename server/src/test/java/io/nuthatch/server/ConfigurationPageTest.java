package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `docs/configuration.md` is what the rows of [Config] say. With `-Dnuthatch.write=true` this writes it anew.
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    private static final String HEAD = """
            # Configuration

            Directives are Redis's, with Redis's names, units and defaults. They come from a file in redis.conf's form, then
            from the environment, then from the command line; the later one counts.

            ```
            ./nuthatch server my.conf --port 7000 --maxmemory 1gb
            NUTHATCH_MAXMEMORY_POLICY=allkeys-lru ./nuthatch server
            ```

            - In a file, a line is a directive and its words, `#` begins a comment, and words may be quoted as in Redis. `include`
              reads another file, or all that fit a pattern.
            - Sizes are in bytes: `1k` is 1000, `1kb` 1024; likewise `m`, `mb`, `g`, `gb`. Times are whole numbers of the unit
              that the table names.
            - A directive that is unknown or wrong stops the start, with the file, the line and the reason.
            - *fixed* ones cannot be changed by CONFIG SET; *guarded* ones only if `enable-protected-configs` allows it.
            - Directives of parts that Nuthatch does not have are accepted and do nothing, and a warning at the start names those
              that were given another value than the default. Where that would be a lie about what is on disk or who is kept out,
              they are refused.

            This page is made from the rows of `Config`; a test compares the two.
            """;

    @Test
    void thePageSaysWhatTheRowsSay() throws IOException {
        String page = page(new Config());
        if (Boolean.getBoolean("nuthatch.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    private static String page(Config config) {
        StringBuilder page = new StringBuilder(HEAD);
        for (Setting.Section section : Setting.Section.values()) {
            List<Setting> rows = config.all().stream()
                    .filter(setting -> setting.section() == section)
                    .toList();
            page.append("\n## ").append(section.title()).append('\n');
            table(page, rows.stream().filter(ConfigurationPageTest::acts).toList(), "What it is");
            table(page, rows.stream().filter(setting -> !acts(setting)).toList(), "Without effect, because");
        }
        return page.toString();
    }

    private static boolean acts(Setting setting) {
        return setting.effect() == Setting.Effect.ACTS && setting.refusal().isEmpty();
    }

    private static void table(StringBuilder page, List<Setting> rows, String last) {
        if (rows.isEmpty()) {
            return;
        }
        page.append("\n| directive | may be | default | ").append(last).append(" |\n|---|---|---|---|\n");
        for (Setting row : rows) {
            page.append("| ")
                    .append(String.join(" | ", names(row), form(row), value(row), acts(row) ? row.brief() : why(row)))
                    .append(" |\n");
        }
    }

    private static String names(Setting row) {
        List<String> names = new ArrayList<>(List.of("`" + row.name() + "`"));
        row.aliases().forEach(alias -> names.add("`" + alias + "`"));
        return String.join(", ", names);
    }

    private static String form(Setting row) {
        return row.form()
                + (row.isMutable() || row.isHidden() ? "" : "; *fixed*")
                + (row.isProtected() ? "; *guarded*" : "");
    }

    private static String value(Setting row) {
        if (row.defaultInWords().isEmpty()) {
            return "";
        }
        return row.defaultInWords().equals(row.defaultText()) ? "`" + row.defaultText() + "`" : row.defaultInWords();
    }

    private static String why(Setting row) {
        if (!row.refusal().isEmpty()) {
            return "Anything else is refused: " + row.refusal();
        }
        return row.effect() == Setting.Effect.WAITS ? "there is no " + row.reason() + " yet" : row.reason();
    }
}
