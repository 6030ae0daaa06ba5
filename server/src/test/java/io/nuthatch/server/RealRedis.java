package io.nuthatch.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A real redis-server, to learn from and to compare with.
///
/// It runs as a process of its own on a free port of the loopback address, in a temporary folder, without persistence,
/// with DEBUG allowed. Its clock is the real one, so time passes by waiting.
final class RealRedis implements ServerUnderTest {
    private static final int START_ATTEMPTS = 200;
    private static final int START_PAUSE_MS = 25;

    private final Process process;
    private final Path folder;
    private final int port;

    private RealRedis(Process process, Path folder, int port) {
        // A test run that is killed leaves no server behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    static RealRedis start(String... options) {
        try {
            Path folder = Files.createTempDirectory("real-redis");
            int port = freePort();
            var command = new ArrayList<>(List.of("redis-server", "--port", String.valueOf(port)));
            command.addAll(List.of("--bind", "127.0.0.1", "--dir", folder.toString(), "--save", ""));
            command.addAll(List.of("--enable-debug-command", "yes", "--logfile", "redis.log"));
            command.addAll(List.of(options));
            var redis = new RealRedis(new ProcessBuilder(command).start(), folder, port);
            redis.awaitStart();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server does not start; on Debian: apt-get install redis-server", e);
        }
    }

    private void awaitStart() {
        for (int attempt = 0; attempt < START_ATTEMPTS && process.isAlive(); attempt++) {
            try (RespClient client = RespClient.connect(port)) {
                boolean loads = client.call("PING") instanceof Reply.Failure(String text) && text.startsWith("LOADING");
                if (!loads) {
                    return;
                }
            } catch (UncheckedIOException e) {
                // It does not listen yet.
            }
            pause(START_PAUSE_MS);
        }
        String log = log();
        close();
        throw new IllegalStateException("redis-server did not start: port=" + port + "\n" + log);
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("redis.log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void letPass(Duration duration) {
        pause(duration.toMillis());
    }

    private static void pause(long durationMs) {
        try {
            Thread.sleep(durationMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            delete(folder);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    @Override
    public String toString() {
        return "redis-server";
    }
}
