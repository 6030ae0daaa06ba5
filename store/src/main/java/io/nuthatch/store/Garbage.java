package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;

/// What has been dropped and waits to be freed, away from the commands that dropped it: whole tables, large
/// collections or parts of them, and large blocks.
///
/// Bound: what waits here was live data before, so it is never more than the store held.
///
/// Threads: anyone adds; anyone collects who holds no lock, one at a time.
final class Garbage {
    /// Blocks from this size on are freed here. Giving back 256 KiB takes the system some 20 microseconds.
    static final long LARGE_BYTES = 256 * 1024;

    /// Records, or elements of a collection, freed before a shard's lock is let go.
    static final int SLICE_ELEMENTS = 256;

    /// Slices of one call, so that whoever calls comes to its other duties: two or three million records a second.
    private static final int MOST_SLICES = 64;

    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicLong pendingKeys = new AtomicLong();
    private final AtomicLong freedKeys = new AtomicLong();

    private sealed interface Item {}

    private record DroppedTable(Shard shard, Table table) implements Item {}

    private record DroppedRoot(Shard shard, Root root) implements Item {}

    /// What has been taken out of a collection that is still there.
    private record Rest(Shard shard, Root root) implements Item {}

    private record DroppedReaders(Shard shard, KeyReaders.Part part) implements Item {}

    private record Block(long address, long bytes) implements Item {}

    void add(Shard shard, Table table) {
        pendingKeys.addAndGet(table.size());
        items.add(new DroppedTable(shard, table));
    }

    void add(Shard shard, Root root) {
        pendingKeys.incrementAndGet();
        items.add(new DroppedRoot(shard, root));
    }

    void addRest(Shard shard, Root root) {
        items.add(new Rest(shard, root));
    }

    void add(Shard shard, KeyReaders.Part part) {
        items.add(new DroppedReaders(shard, part));
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

    void resetFreed() {
        freedKeys.set(0);
    }

    /// Frees some of what waits.
    ///
    /// @return whether there is more
    boolean collect() {
        boolean more = true;
        for (int slices = 0; more && slices < MOST_SLICES; slices++) {
            more = collectSlice();
        }
        return more;
    }

    /// Frees a slice of what waits.
    ///
    /// @return whether there was anything
    synchronized boolean collectSlice() {
        Item item = items.peek();
        if (item == null) {
            return false;
        }
        if (free(item)) {
            items.remove();
        }
        return true;
    }

    /// Frees a slice of an item. Returns whether nothing is left of it.
    private boolean free(Item item) {
        return switch (item) {
            case Block(long address, long bytes) -> {
                Memory.free(address, bytes);
                freed(1);
                yield true;
            }
            case DroppedRoot(Shard shard, Root root) -> {
                boolean done = drain(shard, root::drain);
                freed(done ? 1 : 0);
                yield done;
            }
            // In another shard by now it is waited for anew ([Tx#rename]), and this is done.
            case Rest(Shard shard, Root root) -> drain(shard, most -> !root.lease.isOf(shard.slab) || root.clear(most));
            case DroppedReaders(Shard shard, KeyReaders.Part part) -> drain(shard, part::drain);
            case DroppedTable(Shard shard, Table table) -> {
                long before = table.size();
                boolean done = drain(shard, table::drain);
                freed(before - table.size());
                yield done;
            }
        };
    }

    private static boolean drain(Shard shard, IntPredicate part) {
        shard.lock.lock();
        try {
            return part.test(SLICE_ELEMENTS);
        } finally {
            shard.lock.unlock();
        }
    }

    private void freed(long keys) {
        pendingKeys.addAndGet(-keys);
        freedKeys.addAndGet(keys);
    }
}
