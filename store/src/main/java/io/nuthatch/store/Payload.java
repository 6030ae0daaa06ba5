package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.Objects;

/// The bytes of a value that is one block: a string, a small collection packed by [Listpack] or [Intset], a
/// HyperLogLog. They stand in the record or outside, and can become more and less.
///
/// - Up to [#MAX_INLINE_BYTES] they stand in the record. It grows by moving to the next size of block, an eighth
///   larger, so appending byte by byte copies each byte about eight times in all.
/// - More have a block of the system allocator. It grows by doubling up to a mebibyte, then by a mebibyte at a
///   time, which moves page tables and not bytes. It shrinks when three quarters of it are empty.
///
/// Locks: the shard's, which the transaction holds.
final class Payload {
    static final int MAX_INLINE_BYTES = 4096;

    /// What has shrunk this far comes back into the record.
    private static final int INLINE_AGAIN_BYTES = MAX_INLINE_BYTES / 2;

    private static final int MAX_SPARE_BYTES = 1 << 20;

    private Payload() {}

    /// The first byte of a record's payload.
    static long address(long at) {
        return Record.form(at) == Record.OUTSIDE ? Record.outsideAddress(at) : Record.valueAddress(at);
    }

    static long length(long at) {
        return Record.form(at) == Record.OUTSIDE ? Record.outsideLength(at) : Record.inlineLength(at);
    }

    /// Gives a key a value of `length` bytes, unwritten, whatever it was before.
    ///
    /// @return the record
    static long put(Tx tx, Bytes key, Type type, long length, long deadlineMs) {
        if (length <= MAX_INLINE_BYTES) {
            return tx.put(key, type, Record.INLINE, (int) length, deadlineMs);
        }
        long at = tx.put(key, type, Record.OUTSIDE, 0, deadlineMs);
        Record.outside(at, tx.shardOf(key).allocateOutside(length), length, length);
        return at;
    }

    /// The same with bytes that stand in a block of [Memory#allocate]: it becomes the payload if it is long enough to
    /// stand outside, else it is freed.
    static long give(Tx tx, Bytes key, Type type, long block, int length, long deadlineMs) {
        if (length <= MAX_INLINE_BYTES) {
            long at = tx.put(key, type, Record.INLINE, length, deadlineMs);
            Memory.copy(block, Record.valueAddress(at), length);
            Memory.free(block, length);
            return at;
        }
        long at = tx.put(key, type, Record.OUTSIDE, 0, deadlineMs);
        tx.shardOf(key).adoptOutside(length);
        Record.outside(at, block, length, length);
        return at;
    }

    /// A value of `length` bytes, unwritten, for a key that has none yet and gets no deadline.
    static Entry create(Tx tx, Bytes key, Type type, long length) {
        put(tx, key, type, length, Tx.NO_DEADLINE);
        return Objects.requireNonNull(tx.find(key));
    }

    /// Frees an entry's value, whatever it is, and gives it `length` bytes instead, unwritten.
    static void replace(Entry entry, long length) {
        entry.table.freeValue(entry.at);
        Record.unflag(entry.at, Record.OF_VALUE);
        if (length <= MAX_INLINE_BYTES) {
            reshape(entry, Record.INLINE, (int) length);
        } else {
            reshape(entry, Record.OUTSIDE, 0);
            Record.outside(entry.at, entry.shard.allocateOutside(length), length, length);
        }
    }

    /// Makes an entry's payload `length` bytes long; those that it had stay as far as there is room, new ones are
    /// unwritten.
    ///
    /// @return where the payload is now
    static long resize(Entry entry, long length) {
        if (Record.form(entry.at) == Record.OUTSIDE) {
            if (length <= INLINE_AGAIN_BYTES) {
                moveInside(entry, (int) length);
            } else {
                resizeOutside(entry, length);
            }
        } else if (length <= MAX_INLINE_BYTES) {
            entry.at = entry.table.resize(entry.hash, entry.at, (int) length);
        } else {
            moveOutside(entry, length);
        }
        return address(entry.at);
    }

    private static void moveInside(Entry entry, int length) {
        long block = Record.outsideAddress(entry.at);
        long capacity = Record.outsideCapacity(entry.at);
        reshape(entry, Record.INLINE, length);
        Memory.copy(block, Record.valueAddress(entry.at), length);
        entry.shard.freeOutside(block, capacity);
    }

    private static void moveOutside(Entry entry, long length) {
        long capacity = capacityFor(length);
        long block = entry.shard.allocateOutside(capacity);
        Memory.copy(Record.valueAddress(entry.at), block, Record.inlineLength(entry.at));
        reshape(entry, Record.OUTSIDE, 0);
        Record.outside(entry.at, block, length, capacity);
    }

    private static void resizeOutside(Entry entry, long length) {
        long block = Record.outsideAddress(entry.at);
        long capacity = Record.outsideCapacity(entry.at);
        if (length > capacity || length < capacity / 4) {
            long other = capacityFor(length);
            block = entry.shard.resizeOutside(block, capacity, other);
            capacity = other;
        }
        Record.outside(entry.at, block, length, capacity);
    }

    private static void reshape(Entry entry, int form, int inlineLength) {
        entry.at = entry.table.reshape(entry.hash, entry.at, form, inlineLength, Record.hasDeadline(entry.at));
    }

    private static long capacityFor(long length) {
        return length + Math.min(length, MAX_SPARE_BYTES);
    }
}
