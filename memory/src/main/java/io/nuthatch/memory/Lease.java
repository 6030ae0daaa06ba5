package io.nuthatch.memory;

/// What one owner holds of a slab: its blocks, counted, which can change to another slab as a whole.
///
/// A large collection has one for all its parts, so it knows what it takes, and follows its key to another shard
/// by one assignment: its old blocks stay where they are and go back to their pages' owner when they are freed.
///
/// Locks: those of the slab.
public final class Lease {
    private Slab slab;
    private long usedBytes;

    public Lease(Slab slab) {
        this.slab = slab;
    }

    /// What the blocks are charged with.
    public long usedBytes() {
        return usedBytes;
    }

    /// [Slab#allocate].
    public long allocate(long bytes) {
        long block = slab.allocate(bytes);
        usedBytes += Slab.roundUp(bytes);
        return block;
    }

    /// [Slab#free].
    public void free(long block, long bytes) {
        slab.free(block, bytes);
        usedBytes -= Slab.roundUp(bytes);
    }

    /// [Slab#reallocate].
    public long reallocate(long block, long oldBytes, long newBytes) {
        long moved = slab.reallocate(block, oldBytes, newBytes);
        usedBytes += Slab.roundUp(newBytes) - Slab.roundUp(oldBytes);
        return moved;
    }

    /// Whether its blocks come from this slab. To be asked by whoever holds that slab.
    public boolean isOf(Slab other) {
        return slab == other;
    }

    /// Goes to another slab of the same [Usage], with all blocks and their charge. Whoever calls holds both slabs.
    public void moveTo(Slab other) {
        slab.handOn(usedBytes, other);
        slab = other;
    }
}
