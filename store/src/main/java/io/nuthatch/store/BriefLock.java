package io.nuthatch.store;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/// A lock that is held for well under a microsecond as a rule: it spins a little before it waits. Whoever holds it must
/// not take it again.
public final class BriefLock extends AbstractQueuedSynchronizer {
    private static final long serialVersionUID = 1L;

    /// About a microsecond: longer than most holders need, shorter than putting a thread to sleep.
    private static final int SPINS = 64;

    public void lock() {
        for (int i = 0; i < SPINS; i++) {
            if (getState() == 0 && compareAndSetState(0, 1)) {
                return;
            }
            Thread.onSpinWait();
        }
        acquire(1);
    }

    public void unlock() {
        release(1);
    }

    @Override
    protected boolean tryAcquire(int ignored) {
        return compareAndSetState(0, 1);
    }

    @Override
    protected boolean tryRelease(int ignored) {
        setState(0);
        return true;
    }
}
