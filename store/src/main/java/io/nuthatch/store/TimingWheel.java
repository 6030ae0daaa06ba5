package io.nuthatch.store;

import io.nuthatch.memory.Slab;

/// Stand-in.
final class TimingWheel {
    static final int NO_POSITION = 0xFFFF;

    interface Due {
        void due(long hash, int position);
    }

    TimingWheel(Slab slab) {}

    int add(long hash, long deadlineMs, long nowMs) {
        return 1;
    }

    void abandon() {}

    boolean firesAfter(int position, long deadlineMs, long nowMs) {
        return false;
    }

    boolean advance(long nowMs, int most, Due due) {
        return false;
    }

    long nextDueMs() {
        return Long.MAX_VALUE;
    }

    void close() {}
}
