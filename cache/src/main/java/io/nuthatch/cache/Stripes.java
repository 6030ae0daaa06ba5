package io.nuthatch.cache;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/// Locks by key: changes of one key happen one after another, in the writer, in the tiers and in memory alike.
/// Keys share locks by hash. A lock is held while the lower tiers are written, so it may be held for their
/// timeouts; reads of memory take none.
final class Stripes {
    private static final int COUNT = 1 << 10;

    private final ReentrantLock[] locks = new ReentrantLock[COUNT];

    Stripes() {
        for (int i = 0; i < COUNT; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    ReentrantLock of(int slot) {
        return locks[slot & COUNT - 1];
    }

    /// The locks of many slots, each once, in the order in which everyone takes them.
    List<ReentrantLock> ofAll(IntStream slots) {
        return slots.map(slot -> slot & COUNT - 1)
                .distinct()
                .sorted()
                .mapToObj(i -> locks[i])
                .toList();
    }
}
