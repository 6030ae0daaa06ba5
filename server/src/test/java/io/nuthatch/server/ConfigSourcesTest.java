package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigSourcesTest {
    @TempDir
    private Path folder;

    private final Config config = new Config();

    private Path file(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private void read(Path file) {
        ConfigSources.read(config, List.of(file), Map.of(), List.of());
    }

    @Test
    void laterSourcesOverrideEarlierOnes() throws IOException {
        Path file = file("a.conf", "timeout 1", "maxclients 11", "port 7001", "timeout 2");
        ConfigSources.read(
                config,
                List.of(file),
                Map.of("NUTHATCH_MAXCLIENTS", "22", "NUTHATCH_PORT", "7002", "HOME", "/"),
                List.of("--port", "7003"));
        assertThat(config.timeout.value()).isEqualTo(2);
        assertThat(config.maxclients.value()).isEqualTo(22);
        assertThat(config.port.value()).isEqualTo(7003);
        assertThat(config.file()).contains(file.toAbsolutePath());
    }

    @Test
    void aFileHasQuotesListsAndAnyCase() throws IOException {
        read(file(
                "a.conf",
                "# a comment",
                "",
                "BIND 127.0.0.1 -::1",
                "requirepass \"two words\"",
                "save \"\"",
                "client-output-buffer-limit normal 1mb 512kb 10",
                "client-output-buffer-limit pubsub 3mb 2mb 20"));
        assertThat(config.bind.value()).containsExactly("127.0.0.1", "-::1");
        assertThat(config.requirepass.value()).isEqualTo("two words");
        assertThat(config.clientOutputBufferLimit.text())
                .isEqualTo("normal 1048576 524288 10 slave 268435456 67108864 60 pubsub 3145728 2097152 20");
    }

    @Test
    void theLauncherSOwnVariablesAreNoDirectives() {
        ConfigSources.read(config, List.of(), Map.of("NUTHATCH_JAVA_HOME", "/x", "NUTHATCH_OPTS", "-Xmx1g"), List.of());
        assertThat(config.all()).noneMatch(Setting::isChanged);
    }

    @Test
    void variablesNameDirectivesWithUnderscores() {
        ConfigSources.read(
                config,
                List.of(),
                Map.of("NUTHATCH_MAXMEMORY_POLICY", "allkeys-lru", "NUTHATCH_AOF_REWRITE_CPULIST", "0"),
                List.of());
        assertThat(config.maxmemoryPolicy.value()).isEqualTo("allkeys-lru");
        assertThat(config.named("aof_rewrite_cpulist").orElseThrow().text()).isEqualTo("0");
    }

    @Test
    void flagsTakeAllWordsUpToTheNext() {
        ConfigSources.read(
                config, List.of(), Map.of(), List.of("--bind", "127.0.0.1", "-::1", "--save", "", "--timeout", "3"));
        assertThat(config.bind.value()).containsExactly("127.0.0.1", "-::1");
        assertThat(config.timeout.value()).isEqualTo(3);
    }

    @Test
    void includedFilesAreReadOnTheSpot() throws IOException {
        file("more.conf", "timeout 5", "maxclients 55");
        read(file("a.conf", "timeout 1", "include " + folder.resolve("more.conf"), "maxclients 66"));
        assertThat(config.timeout.value()).isEqualTo(5);
        assertThat(config.maxclients.value()).isEqualTo(66);
    }

    @Test
    void aPatternIncludesAllFilesThatFitInOrder() throws IOException {
        file("1.part", "timeout 1");
        file("2.part", "timeout 2");
        read(file("a.conf", "dir " + folder, "include \"" + folder + "/*.part\"", "include " + folder + "/*.none"));
        assertThat(config.timeout.value()).isEqualTo(2);
    }

    @Test
    void includedPathsAreRelativeToTheFolderOfTheServer() throws IOException {
        file("more.conf", "timeout 9");
        read(file("a.conf", "dir " + folder, "include more.conf"));
        assertThat(config.timeout.value()).isEqualTo(9);
    }

    @Test
    void whatIsWrongIsNamedWithFileAndLine() throws IOException {
        Path inner = file("inner.conf", "timeout 1", "maxmemory 1x");
        Path outer = file("outer.conf", "include " + inner);
        assertThatThrownBy(() -> read(outer))
                .hasMessage(inner + ", line 2: maxmemory: argument must be a memory value");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nosuch 1|nosuch: unknown directive",
                "port|port: wrong number of arguments",
                "port 1 2|port: wrong number of arguments",
                "requirepass \"open|Unbalanced quotes in configuration line",
                "include|include: wrong number of arguments",
                "include /no/such/file|there is no file /no/such/file",
                "user alice on|user: there are no users and access lists yet: everyone would be allowed everything",
            })
    void aLineThatIsWrongStopsTheStart(String line, String reason) throws IOException {
        Path file = file("a.conf", "timeout 1", line);
        assertThatThrownBy(() -> read(file)).hasMessage(file + ", line 2: " + reason);
    }

    @Test
    void filesThatIncludeEachOtherAreRefused() throws IOException {
        Path file = folder.resolve("circle.conf");
        file("circle.conf", "include " + file);
        assertThatThrownBy(() -> read(file)).hasMessageEndingWith("include: files include each other in a circle");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing.conf");
        assertThatThrownBy(() -> read(missing)).hasMessage("there is no file " + missing);
    }

    @Test
    void wrongVariablesAndFlagsAreNamed() {
        assertThatThrownBy(() -> ConfigSources.read(config, List.of(), Map.of("NUTHATCH_PROT", "1"), List.of()))
                .hasMessage("NUTHATCH_PROT: prot: unknown directive");
        assertThatThrownBy(() -> ConfigSources.read(config, List.of(), Map.of(), List.of("--port", "x")))
                .hasMessage("command line: port: argument couldn't be parsed into an integer");
        assertThatThrownBy(() -> ConfigSources.read(config, List.of(), Map.of(), List.of("port", "1")))
                .hasMessage("not a directive: 'port' (they begin with --)");
    }

    @Test
    void theDefaultFileOfRedisIsUnderstoodButForItsLogAndItsFolder() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/etc/redis/redis.conf")).stream()
                .filter(line -> !line.startsWith("dir "))
                .toList();
        read(Files.write(folder.resolve("redis.conf"), lines));
        assertThat(config.port.value()).isEqualTo(6379);
    }
}
