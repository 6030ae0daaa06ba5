package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;

/// A large list: a tree of listpacks, by position. It is what Redis calls a quicklist, but finds a position in
/// O(log n).
///
/// A block begins with its listpack, but that of the first node may have headroom: who pushes or pops at the head lets
/// the listpack begin earlier or later, and moves none of its entries.
///
/// ```
///   block ─► [ headroom │ listpack ]  [ listpack ]  [ listpack ]
///              │        ↑ node          ↑ node        ↑ node
///              └ at most a third of the block, or a few bytes
/// ```
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

    /// Headroom of so little is not worth being taken back, nor less worth being made.
    private static final int LITTLE_BYTES = 64;

    final CountedTree nodes;

    /// The node with headroom, the first one; 0 if there is none.
    private long roomy;

    /// How many bytes it has.
    private int headroom;

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
        int before = headroom(node);
        long moved = reallocate(node - before, before + oldBytes, before + newBytes) + before;
        if (before > 0) {
            roomy = moved;
        }
        return moved;
    }

    private long reallocate(long block, int oldBytes, int newBytes) {
        int oldBlock = blockBytes(oldBytes);
        int newBlock = blockBytes(newBytes);
        return oldBlock == newBlock ? block : lease.reallocate(block, oldBlock, newBlock);
    }

    /// Adds an entry before all others.
    ///
    /// @param node the first one, where it fits
    /// @return where that is now
    long prepend(long node, Bytes value, int entryBytes) {
        long to = makeHeadroom(node, entryBytes);
        headroom -= entryBytes;
        roomy = Listpack.prepend(to, value);
        return roomy;
    }

    /// A third of what is there at once: so an entry is copied four times on average, however many come.
    private long makeHeadroom(long node, int wanted) {
        int before = headroom(node);
        if (before >= wanted) {
            return node;
        }
        int bytes = Listpack.bytes(node);
        int more = Math.max(wanted, Math.min(Math.max(LITTLE_BYTES, bytes / 3), SAFE_BYTES - bytes));
        long block = allocate(more + bytes);
        Memory.copy(node, block + more, bytes);
        lease.free(node - before, blockBytes(before + bytes));
        headroom = more;
        roomy = block + more;
        return roomy;
    }

    /// Removes entries from the start of the first node, but not all.
    ///
    /// @return where that is now
    long deleteFirst(long node, int count) {
        int before = headroom(node);
        long to = Listpack.deleteFirst(node, count);
        roomy = to;
        headroom = before + (int) (to - node);
        return headroom > Math.max(LITTLE_BYTES, Listpack.bytes(to) / 2) ? closeHeadroom(to) : to;
    }

    boolean hasHeadroom(long node) {
        return headroom(node) > 0;
    }

    /// @return where the node is now
    long closeHeadroom(long node) {
        int before = headroom(node);
        int bytes = Listpack.bytes(node);
        noHeadroom();
        Memory.copy(node, node - before, bytes);
        return reallocate(node - before, before + bytes, bytes);
    }

    private void noHeadroom() {
        roomy = 0;
        headroom = 0;
    }

    private int headroom(long node) {
        return node == roomy ? headroom : 0;
    }

    /// To be called before a listpack changes, or goes: a snapshot under way may still want it.
    void keep(long node) {
        if (division instanceof ListDivision running) {
            running.keep(node);
        }
    }

    void free(long node) {
        keep(node);
        int before = headroom(node);
        lease.free(node - before, blockBytes(before + Listpack.bytes(node)));
        if (before > 0) {
            noHeadroom();
        }
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
