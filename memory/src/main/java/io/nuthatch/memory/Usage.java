package io.nuthatch.memory;

import java.util.concurrent.atomic.AtomicLong;

/// The bytes that a group of slabs uses together, known to any thread at the cost of one read.
///
/// Each slab counts exactly and for itself; it adds what has changed to the sum when that has grown to
/// [#STEP_BYTES]. So the sum is off by less than one step a slab (64 KiB over 64 shards), and threads that work
/// on different shards seldom meet on its cache line.
///
/// Thread-safe.
public final class Usage {
    /// How far a slab's own count may run ahead of what it has published.
    public static final int STEP_BYTES = 1024;

    private final AtomicLong bytes = new AtomicLong();

    public long bytes() {
        return bytes.get();
    }

    void add(long delta) {
        bytes.addAndGet(delta);
    }
}
