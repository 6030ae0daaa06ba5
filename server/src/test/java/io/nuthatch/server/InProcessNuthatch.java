package io.nuthatch.server;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Nuthatch in the process of the tests, on a free port, with a clock that jumps; in a folder of its own, unless
/// the test names one.
final class InProcessNuthatch implements ServerUnderTest {
    private static final int START_ATTEMPTS = 5;

    private final MovableClock clock = new MovableClock();
    private final Server server;

    /// Its own, which goes with it; null if the test has named another.
    private final @Nullable Path folder;

    private InProcessNuthatch(Config config) throws IOException {
        folder = config.dir.isChanged() ? null : Files.createTempDirectory("nuthatch");
        if (folder != null) {
            config.set(Map.of("dir", folder.toString()));
        }
        config.set(Map.of("enable-debug-command", "yes", "save", ""));
        try {
            server = startOnFreePort(config, clock);
        } catch (IOException | RuntimeException fault) {
            deleteFolder();
            throw fault;
        }
    }

    /// Somebody else may take the port before it listens there.
    private static Server startOnFreePort(Config config, MovableClock clock) throws IOException {
        for (int attempt = 1; ; attempt++) {
            config.set(Map.of("port", String.valueOf(RealRedis.freePort())));
            try {
                return Server.start(config, clock);
            } catch (IOException fault) {
                boolean isTaken = String.valueOf(fault.getMessage()).contains("Address already in use");
                if (!isTaken || attempt == START_ATTEMPTS) {
                    throw fault;
                }
            }
        }
    }

    static InProcessNuthatch start() {
        return start(new Config());
    }

    /// @param config whatever it says of the port, a free one is taken
    static InProcessNuthatch start(Config config) {
        try {
            return new InProcessNuthatch(config);
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not start", e);
        }
    }

    Engine engine() {
        return server.engine();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void letPass(Duration duration) {
        clock.jump(duration.toNanos() / 1_000);
    }

    @Override
    public void close() {
        server.close();
        deleteFolder();
    }

    private void deleteFolder() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    @Override
    public String toString() {
        return "nuthatch";
    }
}
