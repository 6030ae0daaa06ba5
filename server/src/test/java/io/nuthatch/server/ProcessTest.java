package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server as a process of its own, from its command line to its exit code.
class ProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "@" + Path.of("src", "main", "jvm", "server.options"),
                "-p",
                System.getProperty("jdk.module.path"),
                "-m",
                "io.nuthatch.server/io.nuthatch.server.Main"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("stderr").toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private Process startServer(int port, String... directives) throws IOException {
        List<String> words = new ArrayList<>(List.of("server", "--port", String.valueOf(port), "--dir", "" + folder));
        words.addAll(List.of(directives));
        Process process = start(words.toArray(String[]::new));
        Awaitility.await().atMost(PATIENCE).until(() -> !process.isAlive() || err().contains("is ready"));
        return process;
    }

    private String err() throws IOException {
        return text("stderr") + text("n.log");
    }

    private String text(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void sigtermEndsItWithItsFilesGoneAndExitCodeZero() throws Exception {
        int port = RealRedis.freePort();
        Process process = startServer(port, "--pidfile", "n.pid", "--unixsocket", "n.sock", "--logfile", "n.log");
        assertThat(text("n.pid").strip()).isEqualTo(String.valueOf(process.pid()));
        assertThat(folder.resolve("n.sock")).exists();
        try (RespClient client = RespClient.connect(port)) {
            assertThat(client.call("PING")).isEqualTo(new Reply.Simple("PONG"));
            process.destroy();
            assertThat(client.readRaw(1, 1)).isEqualTo(new RespClient.RawAnswer("", true));
        }
        assertThat(exitCode(process)).isZero();
        assertThat(folder.resolve("n.sock")).doesNotExist();
        assertThat(folder.resolve("n.pid")).doesNotExist();
        assertThat(text("n.log")).containsOnlyOnce("is shutting down");
        assertThat(text("stderr")).isEmpty();
    }

    @Test
    void shutdownEndsItWithExitCodeZero() throws Exception {
        int port = RealRedis.freePort();
        Process process = startServer(port);
        try (RespClient client = RespClient.connect(port)) {
            client.queue(List.of("SET", "a", "1"));
            client.queue(List.of("SHUTDOWN", "NOSAVE"));
            client.queue(List.of("SET", "a", "2"));
            client.flush();
            // One more byte than will come: it reads on until the server hangs up.
            assertThat(client.readRaw(6, 1)).isEqualTo(new RespClient.RawAnswer("+OK\r\n", true));
        }
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void idleDirectivesAreNamedInOneWarning() throws Exception {
        startServer(RealRedis.freePort(), "--log-format", "json", "--hz", "20", "--repl-diskless-sync", "no")
                .destroy();
        List<String> warnings = text("stderr")
                .lines()
                .filter(line -> line.contains("\"level\":\"WARN\""))
                .toList();
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("hz", "repl-diskless-sync (there is no replication yet)");
    }

    @Test
    void aWrongDirectiveEndsItWithOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("a.conf"), "port 1\nmaxmemory 1x\n", StandardCharsets.UTF_8);
        assertThat(exitCode(start("server", file.toString()))).isOne();
        assertThat(text("stderr"))
                .isEqualTo("nuthatch: " + file + ", line 2: maxmemory: argument must be a memory value\n");
        assertThat(text("stdout")).isEmpty();
    }

    @Test
    void aPortThatIsTakenEndsItWithOneLine() throws Exception {
        int port = RealRedis.freePort();
        startServer(port);
        Files.delete(folder.resolve("stderr"));
        assertThat(exitCode(start("server", "--port", String.valueOf(port)))).isOne();
        assertThat(text("stderr"))
                .isEqualTo("nuthatch: cannot listen at 127.0.0.1, port " + port + ": Address already in use\n");
    }

    @Test
    void helpNamesTheWaysToConfigureIt() throws Exception {
        assertThat(exitCode(start("server", "--help"))).isZero();
        assertThat(text("stdout")).contains("nuthatch server [FILE.conf]", "NUTHATCH_", "--maxmemory 1gb");
        assertThat(text("stdout").lines()).allMatch(line -> line.length() <= 80);
        assertThat(exitCode(start("--version"))).isZero();
        assertThat(text("stdout")).startsWith("Nuthatch ");
    }
}
