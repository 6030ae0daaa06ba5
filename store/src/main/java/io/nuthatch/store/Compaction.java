package io.nuthatch.store;

import java.util.concurrent.atomic.AtomicLong;

/// Moves records together when deletions have left the pages of a shard half empty, so that pages become free and
/// the process shrinks with its data.
///
/// A *pass* goes once over all records of a shard, a few at a time, and moves those that lie in sparse pages into the
/// page that is being filled ([io.nuthatch.memory.Slab#isSparse]). It begins when more than an eighth is spare. What
/// is spare after it cannot be helped (the last page of each size, segments of indexes) and is accepted: the next
/// pass waits until there is clearly more.
///
/// Cost: a record that moves takes some 200 nanoseconds; at most a twentieth of a processor while a pass goes on, and
/// nothing otherwise.
///
/// Locks: one shard's at a time, for a slice. Threads: one calls [#advance].
final class Compaction {
    /// Shards that get a slice in one call.
    private static final int SHARDS_AT_ONCE = 8;

    /// Home buckets of an index that a slice goes over: some 100 records.
    private static final int SLICE_BUCKETS = 16;

    /// Spare pages that are no reason for a pass: the last ones of two sizes.
    private static final long ALLOWED_BYTES = 64 * 1024;

    private final Pass[] passes = new Pass[Keyspace.SHARDS];
    private final AtomicLong moved = new AtomicLong();
    private int next;

    Compaction(Keyspace keyspace) {
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            passes[i] = new Pass(keyspace.shard(i));
        }
    }

    /// Moves some records, if it pays. Returns whether it did.
    boolean advance() {
        int busy = 0;
        for (int i = 0; i < Keyspace.SHARDS && busy < SHARDS_AT_ONCE; i++) {
            next = (next + 1) % Keyspace.SHARDS;
            busy += passes[next].advance() ? 1 : 0;
        }
        return busy > 0;
    }

    /// Records moved since the beginning.
    long moved() {
        return moved.get();
    }

    /// How far a shard has come.
    private final class Pass {
        private final Shard shard;
        private boolean underWay;
        private int db;
        private long cursor;
        private long acceptedBytes;

        Pass(Shard shard) {
            this.shard = shard;
        }

        /// Does a slice, if there is anything to do.
        boolean advance() {
            shard.lock.lock();
            try {
                underWay |= pays();
                for (int i = 0; underWay && i < SLICE_BUCKETS; i++) {
                    step();
                }
                return underWay;
            } finally {
                shard.lock.unlock();
            }
        }

        private boolean pays() {
            long spare = shard.slab.spareBytes();
            acceptedBytes = Math.min(acceptedBytes, spare);
            return spare > ALLOWED_BYTES + Math.max(shard.slab.pageBytes() / 8, acceptedBytes + acceptedBytes / 8);
        }

        private void step() {
            Table table = shard.tableIfAny(db);
            cursor = table == null ? 0 : table.compact(cursor, moved);
            if (cursor == 0 && ++db == shard.tables.length) {
                db = 0;
                underWay = false;
                acceptedBytes = shard.slab.spareBytes();
            }
        }
    }
}
