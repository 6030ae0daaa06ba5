package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Loading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients are told while data is being loaded, and that loading says how far it has come.
class LoadingTest {
    @TempDir
    private Path folder;

    private static Map<String, String> persistence(RespClient client) {
        return ((Reply.Bulk) client.call("INFO", "persistence"))
                .text()
                .lines()
                .filter(line -> line.contains(":"))
                .collect(java.util.stream.Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')), line -> line.substring(line.indexOf(':') + 1)));
    }

    @Test
    void clientsAreToldThatAndHowLong() {
        try (InProcessNuthatch nuthatch = InProcessNuthatch.start();
                RespClient client = RespClient.connect(nuthatch.port())) {
            assertThat(persistence(client)).containsEntry("loading", "0").doesNotContainKey("loading_eta_seconds");
            Loading loading = nuthatch.engine().loading();
            loading.begin(4_000);
            nuthatch.letPass(Duration.ofSeconds(10));
            loading.reached(1_000);
            Map<String, String> told = persistence(client);
            assertThat(told)
                    .containsEntry("loading", "1")
                    .containsEntry("loading_total_bytes", "4000")
                    .containsEntry("loading_loaded_bytes", "1000")
                    .containsEntry("loading_loaded_perc", "25.00");
            assertThat(Integer.parseInt(told.get("loading_eta_seconds"))).isBetween(30, 36);
            Reply refusal = new Reply.Failure("LOADING Redis is loading the dataset in memory");
            for (List<String> words : List.of(
                    List.of("PING"),
                    List.of("GET", "k"),
                    List.of("SET", "k", "v"),
                    List.of("BGSAVE"),
                    List.of("SAVE"))) {
                assertThat(client.call(words)).as("%s", words).isEqualTo(refusal);
            }
            assertThat(client.call("LASTSAVE")).isInstanceOf(Reply.Int.class);
            assertThat(client.call("CONFIG", "GET", "dir")).isInstanceOf(Reply.Array.class);
            loading.end();
            assertThat(client.call("PING")).isEqualTo(new Reply.Simple("PONG"));
            assertThat(persistence(client)).containsEntry("loading", "0");
        }
    }

    @Test
    void loadingSaysHowFarItHasCome() throws IOException {
        for (String log : List.of("yes", "no")) {
            Path dir = Files.createDirectory(folder.resolve("log-" + log));
            try (InProcessNuthatch nuthatch = start(dir, log);
                    RespClient client = RespClient.connect(nuthatch.port())) {
                for (int i = 0; i < 1_000; i++) {
                    client.call("SET", "key:" + i, "value " + i);
                }
                client.call("SAVE");
            }
            try (InProcessNuthatch nuthatch = start(dir, log);
                    RespClient client = RespClient.connect(nuthatch.port())) {
                Loading loading = nuthatch.engine().loading();
                assertThat(loading.isOn()).isFalse();
                assertThat(loading.totalBytes()).as("log=%s", log).isGreaterThan(10_000);
                assertThat(loading.doneBytes()).as("log=%s", log).isEqualTo(loading.totalBytes());
                assertThat(client.call("DBSIZE")).isEqualTo(new Reply.Int(1_000));
                client.call("DEBUG", log.equals("yes") ? "LOADAOF" : "RELOAD");
                assertThat(loading.isOn()).isFalse();
                assertThat(client.call("DBSIZE")).isEqualTo(new Reply.Int(1_000));
            }
        }
    }

    private static InProcessNuthatch start(Path dir, String log) {
        var config = new Config();
        config.set(Map.of("dir", dir.toString(), "appendonly", log));
        return InProcessNuthatch.start(config);
    }
}
