package io.nuthatch.cache;

import io.nuthatch.cache.CacheHealth.State;
import java.util.concurrent.locks.ReentrantLock;

/// Leaves a tier alone that fails too often, and tries it again after a pause that doubles with every failed
/// trial.
///
/// ```
///   UP --(failures in a row)--> DOWN --(pause)--> TRYING --(success)--> UP
///                                 ^-----------------'(failure, longer pause)
/// ```
final class Breaker {
    /// The pause doubles this often at most.
    private static final int MAX_DOUBLINGS = 5;

    private final Time time;
    private final int failuresToOpen;
    private final long pauseMs;
    private final ReentrantLock lock = new ReentrantLock();

    /// Written under the lock; UP is read without it, by every call.
    private volatile State state = State.UP;
    /// Written under the lock; zero is read without it, by every call.
    private volatile int failures;
    /// Under the lock.
    private int doublings;
    private volatile long tryAtMs;
    /// Written under the lock.
    private volatile String lastFailure = "";

    Breaker(Time time, int failuresToOpen, long pauseMs) {
        this.time = time;
        this.failuresToOpen = failuresToOpen;
        this.pauseMs = pauseMs;
    }

    /// Whether a call may be made. Who is told yes reports how it ended.
    boolean allows() {
        return state == State.UP || mayTry();
    }

    /// Whether a call would be refused now. Unlike [#allows()] it changes nothing.
    boolean refuses() {
        return switch (state) {
            case UP -> false;
            case TRYING -> true;
            case DOWN -> time.nowMs() < tryAtMs;
        };
    }

    /// The tier is said to be back: the next call tries it.
    void tryNow() {
        tryAtMs = time.nowMs();
    }

    private boolean mayTry() {
        lock.lock();
        try {
            if (state == State.TRYING || time.nowMs() < tryAtMs) {
                return state == State.UP;
            }
            state = State.TRYING;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void succeeded() {
        if (state == State.UP && failures == 0) {
            return;
        }
        lock.lock();
        try {
            state = State.UP;
            failures = 0;
            doublings = 0;
            lastFailure = "";
        } finally {
            lock.unlock();
        }
    }

    void failed(Throwable cause) {
        lock.lock();
        try {
            lastFailure = cause.toString();
            int soFar = failures + 1;
            failures = soFar;
            if (state == State.TRYING) {
                doublings = Math.min(doublings + 1, MAX_DOUBLINGS);
                open();
            } else if (state == State.UP && soFar >= failuresToOpen) {
                open();
            }
        } finally {
            lock.unlock();
        }
    }

    private void open() {
        state = State.DOWN;
        tryAtMs = time.nowMs() + (pauseMs << doublings);
    }

    State state() {
        return state;
    }

    String lastFailure() {
        return lastFailure;
    }
}
