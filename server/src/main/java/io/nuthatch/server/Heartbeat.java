package io.nuthatch.server;

import io.nuthatch.engine.Engine;
import io.nuthatch.store.Keyspace;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that does what no client asks for: it removes keys whose time has come, and frees what was dropped.
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /// The shortest pause between two beats: half a tick of the timing wheel.
    private static final long MIN_PAUSE_MS = 4;

    /// The longest: a key with a short life may have come in meanwhile.
    private static final long MAX_PAUSE_MS = 8;

    private final Engine engine;
    private final Thread thread = new Thread(this::run, "nuthatch-heartbeat");
    private volatile boolean stopped;

    Heartbeat(Engine engine) {
        this.engine = engine;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            long pauseMs = MAX_PAUSE_MS;
            try {
                pauseMs = beat();
            } catch (RuntimeException | Error fault) {
                LOG.error("heartbeat failed", fault);
            }
            LockSupport.parkNanos(pauseMs * 1_000_000);
        }
    }

    private long beat() {
        Keyspace keyspace = engine.keyspace();
        long nowMs = engine.clock().wallMs();
        long nextMs = keyspace.advance(nowMs);
        keyspace.collect();
        return Math.clamp(nextMs - nowMs, MIN_PAUSE_MS, MAX_PAUSE_MS);
    }

    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
