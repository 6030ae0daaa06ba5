package io.nuthatch.store;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// Removes keys when their time comes, shard by shard, a slice at a time.
///
/// Each table's [TimingWheel] says which keys may be due; the record decides. Keys are removed within a tick of
/// the wheel
/// and the caller's own delay; how late they were is counted.
///
/// Threads: one calls [#advance]; anyone reads the counts.
final class Expiry {
    /// Entries handled before a shard's lock is let go: some 50 microseconds.
    private static final int SLICE_ENTRIES = 256;

    /// Lateness is counted to the millisecond up to here; the last count has all that were later.
    private static final int MAX_LATENESS_MS = 1000;

    private final Keyspace keyspace;
    private final AtomicIntegerArray lateness = new AtomicIntegerArray(MAX_LATENESS_MS + 1);

    Expiry(Keyspace keyspace) {
        this.keyspace = keyspace;
    }

    void advance(long nowMs) {
        if (!keyspace.settings().activeExpiry) {
            return;
        }
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = keyspace.shard(i);
            for (int db = 0; db < keyspace.databases(); db++) {
                // Read without the lock: a table that has just come has nothing due yet.
                if (shard.tableIfAny(db) != null) {
                    advance(shard, db, nowMs);
                }
            }
        }
    }

    private void advance(Shard shard, int db, long nowMs) {
        boolean more = true;
        while (more) {
            shard.lock.lock();
            try {
                Table table = shard.tableIfAny(db);
                if (table == null) {
                    return;
                }
                table.sweepWheel();
                more = table.wheel.advance(
                        nowMs, SLICE_ENTRIES, (hash, position) -> due(shard, table, hash, position, nowMs));
            } finally {
                shard.lock.unlock();
            }
        }
    }

    /// An entry of the wheel has come round. It concerns the one record of that hash whose entry stands just
    /// there.
    private void due(Shard shard, Table table, long hash, int position, long nowMs) {
        long at = table.filedAt(hash, position);
        if (at == 0) {
            return;
        }
        long deadlineMs = Record.deadlineMs(at);
        if (deadlineMs > nowMs) {
            table.refile(hash, at, nowMs);
            return;
        }
        lateness.incrementAndGet((int) Math.min(nowMs - deadlineMs, MAX_LATENESS_MS));
        table.expireFiled(hash, at);
        shard.expired++;
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
