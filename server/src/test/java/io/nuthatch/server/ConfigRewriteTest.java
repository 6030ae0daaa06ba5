package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigRewriteTest {
    private static final List<String> FILE = List.of(
            "# The memory of the machine is 2 GB.",
            "",
            "maxmemory 1gb   # half of it",
            "  MAXMEMORY-POLICY   allkeys-lru",
            "timeout 10",
            "timeout 20",
            "client-output-buffer-limit normal 10mb 5mb 60",
            "requirepass 'two words'",
            "# the end");

    private final Config config = new Config();

    private static Config read(Path file) throws IOException {
        Config config = new Config();
        ConfigSources.read(config, List.of(file), Map.of(), List.of());
        return config;
    }

    @Test
    void whatIsRightAlreadyStaysAsItStands(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.conf"), List.of("# one", "", "maxmemory  1gb", "timeout 10", "#two"));
        ConfigRewrite.rewrite(file, read(file));
        assertThat(Files.readAllLines(file)).containsExactly("# one", "", "maxmemory  1gb", "timeout 10", "#two");
    }

    @Test
    void aChangedDirectiveIsReplacedInItsPlace() {
        config.set(Map.of("maxmemory", "2gb", "timeout", "30"));
        assertThat(ConfigRewrite.lines(List.of("# a", "maxmemory 1gb", "timeout 10", "timeout 20", "# b"), config))
                .containsExactly("# a", "maxmemory 2147483648", "timeout 30", "# b");
    }

    @Test
    void oneThatIsBackAtItsDefaultKeepsItsLine() {
        assertThat(ConfigRewrite.lines(List.of("timeout 10"), config)).containsExactly("timeout 0");
    }

    @Test
    void oneThatHasNoLineIsAddedAtTheEndOnce() {
        config.set(Map.of("maxclients", "500"));
        List<String> once = ConfigRewrite.lines(List.of("# a"), config);
        assertThat(once).containsExactly("# a", ConfigRewrite.MARK, "maxclients 500");
        config.set(Map.of("timeout", "5"));
        assertThat(ConfigRewrite.lines(once, config))
                .containsExactly("# a", ConfigRewrite.MARK, "maxclients 500", "timeout 5");
    }

    @Test
    void whatIsWrittenIsReadBack(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.conf"), FILE.subList(0, 2));
        config.set(Map.of(
                "requirepass", "a \"b\" \\ \t #c\u00e9",
                "client-output-buffer-limit", "normal 1mb 0 0",
                "latency-tracking-info-percentiles", "",
                "bind", "127.0.0.1",
                "maxmemory-clients", "5%"));
        ConfigRewrite.rewrite(file, config);
        Config again = read(file);
        config.all()
                .forEach(setting -> assertThat(
                                again.named(setting.name()).orElseThrow().text())
                        .as(setting.name())
                        .isEqualTo(setting.text()));
    }

    @Test
    void theFileKeepsItsPermissionsAndNothingElseIsLeftBehind(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.conf"), List.of("timeout 10"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        ConfigRewrite.rewrite(file, config);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
