package io.nuthatch.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// Nuthatch as a process of its own, over a folder that outlives it.
final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int ATTEMPTS = 5;

    private final Process process;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        // A test run that is killed leaves no server behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /// Starts a server, which may refuse.
    static ServerProcess launch(Path folder, String... directives) {
        try {
            int port = RealRedis.freePort();
            Path log = folder.resolve("nuthatch.log");
            List<String> command = command();
            command.addAll(List.of("server", "--port", String.valueOf(port), "--dir", folder.toString()));
            command.addAll(List.of(directives));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new ServerProcess(process, log, port);
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not start", e);
        }
    }

    /// Starts a server and waits until it serves. Another program may take the port that was free: then with another.
    static ServerProcess start(Path folder, String... directives) {
        ServerProcess server = launchAndAwait(folder, directives);
        for (int i = 0; i < ATTEMPTS && server.hasNoPort(); i++) {
            server = launchAndAwait(folder, directives);
        }
        if (!server.process.isAlive()) {
            throw new IllegalStateException("the server has ended: " + server.log());
        }
        return server;
    }

    private boolean hasNoPort() {
        return !process.isAlive() && log().contains("port " + port + ": Address already in use");
    }

    private static ServerProcess launchAndAwait(Path folder, String... directives) {
        ServerProcess server = launch(folder, directives);
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> !server.process.isAlive() || server.serves());
        } catch (ConditionTimeoutException tooLong) {
            server.close();
            throw new IllegalStateException("the server does not serve: " + server.log(), tooLong);
        }
        return server;
    }

    /// From modules, as it is shipped, or from the class path where there are none. Small and quick to start.
    private static List<String> command() {
        String modules = System.getProperty("jdk.module.path");
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-ea"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        if (modules == null) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.nuthatch.server.Main"));
        } else {
            command.addAll(List.of("@" + Path.of("src", "main", "jvm", "server.options"), "-XX:-UseZGC"));
            command.addAll(List.of("-p", modules, "-m", "io.nuthatch.server/io.nuthatch.server.Main"));
        }
        return command;
    }

    private boolean serves() {
        try (RespClient client = RespClient.connect(port)) {
            return client.call("PING").equals(new Reply.Simple("PONG"));
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /// SIGKILL: it has no time for anything.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// SIGTERM.
    void end() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /// Waits until it has ended by itself.
    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server does not end: " + log());
        }
        return process.exitValue();
    }

    /// What it has said so far, and those before it in the same folder.
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
