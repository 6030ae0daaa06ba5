package io.nuthatch.server;

import io.nuthatch.engine.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// The system's clock, and a jump ahead of it that grows as a test likes.
///
/// Durations stay real between jumps, so that what measures commands has something to measure.
final class MovableClock implements Clock {
    private static final String HEARTBEAT = "nuthatch-heartbeat";

    private final AtomicLong aheadMicros = new AtomicLong();

    /// How often the heartbeat has looked at the clock. Guarded by `this`.
    private long heartbeats;

    /// Jumps ahead, and returns when the heartbeat has seen it and done a whole round of its work.
    void jump(long micros) {
        aheadMicros.addAndGet(micros);
        awaitHeartbeats(2);
    }

    private synchronized void awaitHeartbeats(int count) {
        long last = heartbeats + count;
        while (heartbeats < last) {
            try {
                wait();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", interrupted);
            }
        }
    }

    @Override
    public long wallMicros() {
        if (Thread.currentThread().getName().equals(HEARTBEAT)) {
            countHeartbeat();
        }
        return Clock.SYSTEM.wallMicros() + aheadMicros.get();
    }

    private synchronized void countHeartbeat() {
        heartbeats++;
        notifyAll();
    }

    @Override
    public long nanos() {
        return Clock.SYSTEM.nanos() + aheadMicros.get() * 1_000;
    }
}
