package io.nuthatch.server;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;

/// Nuthatch in the process of the tests, on a free port, with a clock that jumps.
final class InProcessNuthatch implements ServerUnderTest {
    private final MovableClock clock = new MovableClock();
    private final Server server;

    private InProcessNuthatch(Config config) throws IOException {
        config.set(Map.of("port", String.valueOf(RealRedis.freePort()), "enable-debug-command", "yes", "save", ""));
        server = Server.start(config, clock);
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
    }

    @Override
    public String toString() {
        return "nuthatch";
    }
}
