package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;

/// What has been dropped and waits to be freed, away from the commands that dropped it: whole tables, large
/// collections, and large blocks.
///
/// Bound: what waits here was live data before, so it is never more than the store held.
///
/// Threads: anyone adds; anyone collects who holds no lock.
final class Garbage {
    /// Blocks from this size on are freed here. Giving back 256 KiB takes the system some 20 microseconds.
    static final long LARGE_BYTES = 256 * 1024;

    /// Records, or elements of a collection, freed before a shard's lock is let go.
    static final int SLICE_ELEMENTS = 256;

    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicLong pendingKeys = new AtomicLong();
    private final AtomicLong freedKeys = new AtomicLong();

    private sealed interface Item {}

    private record DroppedTable(Shard shard, Table table, long keys) implements Item {}

    private record DroppedRoot(Shard shard, Root root) implements Item {}

    private record Block(long address, long bytes) implements Item {}

    void add(Shard shard, Table table) {
        long keys = table.size();
        pendingKeys.addAndGet(keys);
        items.add(new DroppedTable(shard, table, keys));
    }

    void add(Shard shard, Root root) {
        pendingKeys.incrementAndGet();
        items.add(new DroppedRoot(shard, root));
    }

    void add(long address, long bytes) {
        pendingKeys.incrementAndGet();
        items.add(new Block(address, bytes));
    }

    /// Values that wait to be freed (INFO's `lazyfree_pending_objects`).
    long pending() {
        return pendingKeys.get();
    }

    long freed() {
        return freedKeys.get();
    }

    /// Frees all that waits.
    void collect() {
        for (Item item = items.poll(); item != null; item = items.poll()) {
            long freed = free(item);
            pendingKeys.addAndGet(-freed);
            freedKeys.addAndGet(freed);
        }
    }

    private static long free(Item item) {
        return switch (item) {
            case Block(long address, long bytes) -> {
                Memory.free(address, bytes);
                yield 1;
            }
            case DroppedRoot(Shard shard, Root root) -> {
                drain(shard, root::drain);
                yield 1;
            }
            case DroppedTable(Shard shard, Table table, long keys) -> {
                drain(shard, table::drain);
                yield keys;
            }
        };
    }

    private static void drain(Shard shard, IntPredicate part) {
        boolean done = false;
        while (!done) {
            shard.lock.lock();
            try {
                done = part.test(SLICE_ELEMENTS);
            } finally {
                shard.lock.unlock();
            }
        }
    }
}
