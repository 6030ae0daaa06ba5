package io.nuthatch.store;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// Removes keys when their time comes, and fields of hashes, a slice of a shard at a time.
///
/// Each table's [TimingWheel] says which keys may be due; the record decides. Another one does the same for hashes of
/// which fields may be due; a hash with very many of them is gone through over several ticks, and meanwhile shows
/// none. Keys go, and their memory comes back,
/// within a tick of the wheel and the caller's own delay; how late they went is counted.
///
/// Threads: one calls [#advance]; anyone removes keys that it finds expired, and reads the counts.
final class Expiry {
    /// Entries handled before a shard's lock is let go: some 25 microseconds.
    private static final int SLICE_ENTRIES = 128;

    /// Fields removed before a shard's lock is let go: some 200 microseconds.
    private static final int SLICE_FIELDS = 1024;

    /// Lateness is counted to the millisecond up to here; the last count has all that were later.
    private static final int MAX_LATENESS_MS = 1000;

    private final Keyspace keyspace;
    /// Of the thread that calls [#advance].
    private final Tx tx;

    private final AtomicIntegerArray lateness = new AtomicIntegerArray(MAX_LATENESS_MS + 1);

    Expiry(Keyspace keyspace, Tx tx) {
        this.keyspace = keyspace;
        this.tx = tx;
    }

    /// Removes all keys that are due, the shards taking turns, and sweeps a little.
    void advance(long nowMs) {
        if (!keyspace.settings().activeExpiry) {
            return;
        }
        tx.begin(0, nowMs, false);
        long unfinished = Keyspace.ALL_SHARDS;
        while (unfinished != 0) {
            for (long left = unfinished; left != 0; left &= left - 1) {
                if (!slice(keyspace.shard(Long.numberOfTrailingZeros(left)), nowMs)) {
                    unfinished &= ~Long.lowestOneBit(left);
                }
            }
        }
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            sweep(keyspace.shard(i), nowMs);
        }
    }

    /// Whether there is more to be done in the shard.
    private boolean slice(Shard shard, long nowMs) {
        shard.lock.lock();
        try {
            boolean more = false;
            for (Table table : shard.tables) {
                if (table != null) {
                    more |= table.wheel.advance(nowMs, SLICE_ENTRIES, table.at(nowMs));
                    more |= table.fieldWheel.advance(nowMs, SLICE_ENTRIES, table.fieldsAt(tx, SLICE_FIELDS));
                }
            }
            return more;
        } finally {
            shard.lock.unlock();
        }
    }

    private void sweep(Shard shard, long nowMs) {
        shard.lock.lock();
        try {
            for (Table table : shard.tables) {
                if (table != null) {
                    table.wheel.sweep(SLICE_ENTRIES, table.at(nowMs));
                    table.fieldWheel.sweep(SLICE_ENTRIES, table.fieldsAt(tx, SLICE_FIELDS));
                }
            }
        } finally {
            shard.lock.unlock();
        }
    }

    /// Notes how long after its deadline a key was removed.
    void removed(long lateMs) {
        lateness.incrementAndGet((int) Math.min(lateMs, MAX_LATENESS_MS));
    }

    int latenessMs(double quantile) {
        long total = 0;
        for (int i = 0; i <= MAX_LATENESS_MS; i++) {
            total += lateness.get(i);
        }
        long wanted = (long) Math.ceil(total * quantile);
        long seen = 0;
        for (int i = 0; i <= MAX_LATENESS_MS; i++) {
            seen += lateness.get(i);
            if (seen >= wanted) {
                return i;
            }
        }
        return MAX_LATENESS_MS;
    }

    void resetLateness() {
        for (int i = 0; i <= MAX_LATENESS_MS; i++) {
            lateness.set(i, 0);
        }
    }
}
