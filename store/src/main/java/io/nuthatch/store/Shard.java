package io.nuthatch.store;

import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One stripe of the store: a lock, the memory behind it, and every database's keys that hash here.
///
/// Locks: everything in a shard, down to the last byte of its records, belongs to whoever holds its lock. The
/// sole exception is prefetching ([Keyspace#touchIndex]), which reads and throws away.
final class Shard {
    final int number;
    final Slab slab;
    final BriefLock lock = new BriefLock();
    final Candidates candidates = new Candidates();
    final @Nullable Table[] tables;
    final Keyspace keyspace;
    final Roots roots = new Roots();

    /// [Record#MARK] or 0: what records have that no snapshot waits for.
    int mark;

    /// The snapshot under way.
    @Nullable
    Snapshot snapshot;

    /// For looking at records on behalf of a snapshot.
    private @Nullable Tx reader;

    long hits;
    long misses;
    long expired;
    long expiredFields;
    long evicted;

    Shard(int number, Keyspace keyspace, Slab slab) {
        this.number = number;
        this.keyspace = keyspace;
        this.slab = slab;
        this.tables = new @Nullable Table[keyspace.databases()];
    }

    /// The keys of a database, or null if it has never had any here.
    @Nullable
    Table tableIfAny(int db) {
        return tables[db];
    }

    Table table(int db) {
        Table table = tables[db];
        if (table == null) {
            tables[db] = table = new Table(this, db);
        }
        return table;
    }

    /// Removes a key whose time has come, with nobody asking for it.
    void expire(Table table, long hash, long at, long nowMs) {
        table.logDeletion(at);
        remove(table, hash, at, nowMs);
    }

    /// Removes a key whose time has come; somebody else logs it.
    void remove(Table table, long hash, long at, long nowMs) {
        keyspace.expiry().removed(nowMs - Record.deadlineMs(at));
        table.tell(at, KeyEvent.EXPIRED);
        table.delete(hash, at);
        expired++;
    }

    /// Makes ready for looking at records on behalf of a snapshot, at a time.
    void reader(long nowMs) {
        if (reader == null) {
            reader = keyspace.newTx(new SplittableRandom());
        }
        reader.begin(0, nowMs, false).readOnly();
    }

    /// An entry for a record, for a snapshot to read.
    Entry window(Table table, long at) {
        return Objects.requireNonNull(reader, "there is no snapshot").window(this, table, 0, at);
    }

    /// Empties a database's part of this shard; its memory is freed later ([Keyspace#collect]).
    void drop(int db) {
        Table table = tables[db];
        if (table != null) {
            tables[db] = null;
            table.drop();
        }
    }

    /// Frees a large collection that no key has any more: a part at once, and the rest, if there is any, later.
    void drop(Root root) {
        if (root.division != null || !root.drain(Garbage.SLICE_ELEMENTS)) {
            dropLater(root);
        }
    }

    /// The same, but nothing of it is freed at once, and nothing at all before a snapshot is done with it.
    void dropLater(Root root) {
        if (root.division != null) {
            root.division.drop();
        } else {
            keyspace.garbage().add(this, root);
        }
    }

    /// Frees what has been taken out of a collection: a part at once, and the rest, if there is any, later.
    void clear(Root root) {
        if (!root.clear(Garbage.SLICE_ELEMENTS)) {
            keyspace.garbage().addRest(this, root);
        }
    }

    /// A lease of this shard's memory, for a new root.
    Lease lease() {
        return new Lease(slab);
    }

    /// A block of its own for a long value. It is the system allocator's, so that it may change shards with its
    /// key.
    long allocateOutside(long bytes) {
        long block = Memory.allocate(bytes);
        slab.adopt(bytes);
        return block;
    }

    /// Takes over a block of the system allocator that somebody else has made.
    void adoptOutside(long bytes) {
        slab.adopt(bytes);
    }

    /// Makes such a block larger or smaller; large ones are moved without copying.
    long resizeOutside(long block, long oldBytes, long newBytes) {
        long moved = Memory.reallocate(block, oldBytes, newBytes);
        slab.disown(oldBytes);
        slab.adopt(newBytes);
        return moved;
    }

    /// Frees such a block. A large one is handed to the collecting thread: giving its pages back to the system
    /// takes longer than a lock should be held.
    void freeOutside(long block, long bytes) {
        slab.disown(bytes);
        if (bytes < Garbage.LARGE_BYTES) {
            Memory.free(block, bytes);
        } else {
            keyspace.garbage().add(block, bytes);
        }
    }
}
