package io.nuthatch.store;

import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;

/// A large list: a tree of listpacks, by position. It is what Redis calls a quicklist, but finds a position in
/// O(log n).
///
/// Locks: the shard's.
final class ListRoot extends Root {
    /// Above the slab's sizes, blocks grow by this much: so little is lost, and a push seldom moves the block.
    private static final int STEP_BYTES = 512;

    /// The most bytes of a node that is limited by its entries.
    private static final int SAFE_BYTES = 8192;

    /// -1 stands for this limit, -2 for twice as much, and so on.
    private static final int SMALLEST_LIMIT_BYTES = 4096;
    private static final int LIMITS = 5;

    final CountedTree nodes;

    ListRoot(Lease lease) {
        super(lease);
        nodes = new CountedTree(lease);
    }

    /// Whether a listpack is too large to be one node of a list, or a whole small one, by
    /// `list-max-listpack-size`.
    static boolean exceeds(StoreSettings settings, long bytes, long count) {
        int setting = settings.listMaxListpackSize;
        return setting < 0 ? bytes > limitBytes(setting) : bytes > SAFE_BYTES || count > Math.max(1, setting);
    }

    /// Whether a listpack is small enough for a large list to become small again: half of the limit, so that a
    /// list does not go to and fro.
    static boolean isWellBelow(StoreSettings settings, long bytes, long count) {
        int setting = settings.listMaxListpackSize;
        return setting < 0
                ? bytes <= limitBytes(setting) / 2
                : bytes <= SAFE_BYTES && count <= Math.max(1, setting) / 2;
    }

    private static int limitBytes(int setting) {
        return SMALLEST_LIMIT_BYTES << Math.min(-setting, LIMITS) - 1;
    }

    /// The size of the block that a listpack of so many bytes has. It follows from them alone, so nobody notes it.
    private static int blockBytes(int listpackBytes) {
        return listpackBytes <= Slab.LARGEST_BYTES ? listpackBytes : (listpackBytes + STEP_BYTES - 1) & -STEP_BYTES;
    }

    long allocate(int bytes) {
        return lease.allocate(blockBytes(bytes));
    }

    /// Gives a listpack's block another size.
    long resize(long node, int oldBytes, int newBytes) {
        int oldBlock = blockBytes(oldBytes);
        int newBlock = blockBytes(newBytes);
        return oldBlock == newBlock ? node : lease.reallocate(node, oldBlock, newBlock);
    }

    /// To be called before a listpack changes, or goes: a snapshot under way may still want it.
    void keep(long node) {
        if (division instanceof ListDivision running) {
            running.keep(node);
        }
    }

    void free(long node) {
        keep(node);
        lease.free(node, blockBytes(Listpack.bytes(node)));
    }

    /// Copies a listpack to the end of the list.
    void append(long listpack) {
        int bytes = Listpack.bytes(listpack);
        long node = allocate(bytes);
        Memory.copy(listpack, node, bytes);
        nodes.append(node, Listpack.count(node));
    }

    @Override
    long elements() {
        return nodes.size();
    }

    @Override
    Division newDivision(Shard shard) {
        return new ListDivision(this, shard);
    }

    @Override
    boolean drain(int most) {
        return nodes.drain(most, this::free);
    }

    @Override
    Root copy(Lease copyLease) {
        ListRoot copy = new ListRoot(copyLease);
        CountedTree.Cursor cursor = nodes.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            copy.append(cursor.block());
        }
        return copy;
    }
}
