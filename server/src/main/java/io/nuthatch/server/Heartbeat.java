package io.nuthatch.server;

import io.nuthatch.engine.Engine;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that does what no client asks for: it removes keys whose time has come, frees what was
/// dropped, and moves together what is left.
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /// A tick of the timing wheel, so that keys go within some 8 ms of their deadline.
    private static final long PAUSE_NANOS = 4_000_000;

    private final Engine engine;
    private final Runnable also;
    private final Thread thread = new Thread(this::run, "nuthatch-heartbeat");
    private volatile boolean stopped;

    /// @param also is run each time
    Heartbeat(Engine engine, Runnable also) {
        this.engine = engine;
        this.also = also;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            try {
                engine.expire();
                engine.wakeClients();
                engine.keyspace().collect();
                engine.keyspace().compact();
                engine.observe();
                engine.persistence().tick();
                also.run();
            } catch (RuntimeException | Error fault) {
                LOG.error("heartbeat failed", fault);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
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
