package io.nuthatch.store;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;
import org.jspecify.annotations.Nullable;

/// A piece of a stream: some entries, packed into one block. In each only what differs from the node's first
/// entry is written out.
///
/// ```
///   0         8          16
///   ┌─────────┬──────────┬────────────────────────────────────────────────────────┐
///   │ ms long │ seq long │ Listpack: head, entry, entry …                         │
///   └─────────┴──────────┴────────────────────────────────────────────────────────┘
///
///   head    count, deleted, number of fields, field …, 0
///   entry   flags, ms - node's, seq - node's,                              value …, number of pieces
///           flags, ms - node's, seq - node's, number of fields, field, value, …,    number of pieces
/// ```
/// - *ms*, *seq*: the ID of the first entry that the node ever had.
/// - *count*, *deleted*: entries that are there, and that are only marked as gone.
/// - *flags*: [#DELETED]; [#SAME_FIELDS], the entry has the head's fields and tells its values only.
/// - *number of pieces*: how many the entry has before this one, so that it can be read from its end. The
///   head's 0 says that no entry is before it.
///
/// The listpack is Redis's to the byte, so that it is also what DUMP and RDB files carry (`t_stream.c` by
/// Salvatore Sanfilippo).
///
/// All methods are functions of the block's address; entries are named by the offsets of their flags in the
/// listpack. Locks: the owner's.
final class StreamNode {
    static final int DELETED = 1;
    static final int SAME_FIELDS = 2;

    static final int HEADER_BYTES = 16;

    /// The pieces of an entry beside its values: flags and two differences; then perhaps the number of fields.
    static final int FIXED_PIECES = 3;

    /// Above the slab's sizes, blocks grow by this much: so little is lost, and an entry seldom moves the block.
    private static final int STEP_BYTES = 512;

    private StreamNode() {}

    /// The size of the block of a node whose listpack has so many bytes. It follows from them alone, so nobody
    /// notes it.
    static int blockBytes(int listpackBytes) {
        int bytes = Math.addExact(HEADER_BYTES, listpackBytes);
        return bytes <= Slab.LARGEST_BYTES ? bytes : Math.addExact(bytes, STEP_BYTES - 1) & -STEP_BYTES;
    }

    static int blockBytesOf(long node) {
        return blockBytes(Listpack.bytes(listpack(node)));
    }

    static void id(long node, long ms, long seq) {
        Memory.putLong(node, ms);
        Memory.putLong(node + 8, seq);
    }

    static long ms(long node) {
        return Memory.getLong(node);
    }

    static long seq(long node) {
        return Memory.getLong(node + 8);
    }

    static long listpack(long node) {
        return node + HEADER_BYTES;
    }

    /// The entries that are there.
    static long count(long listpack) {
        return Listpack.integer(listpack, Listpack.FIRST);
    }

    private static int deletedAt(long listpack) {
        return Listpack.next(listpack, Listpack.FIRST);
    }

    /// The entries that are marked as gone.
    static long deleted(long listpack) {
        return Listpack.integer(listpack, deletedAt(listpack));
    }

    /// Where the head's number of fields stands; its fields follow.
    static int fieldsAt(long listpack) {
        return Listpack.next(listpack, deletedAt(listpack));
    }

    /// The first entry, whether it is deleted or not.
    static int first(long listpack) {
        int fields = fieldsAt(listpack);
        int count = (int) Listpack.integer(listpack, fields);
        // The fields, the number in front of them and the 0 behind.
        return Listpack.skip(listpack, fields, count + 2);
    }

    /// The entry before a place between entries, or 0 if there is none.
    static int previous(long listpack, int place) {
        int offset = Listpack.previous(listpack, place);
        long pieces = Listpack.integer(listpack, offset);
        if (pieces == 0) {
            return 0;
        }
        for (long left = pieces; left > 0; left--) {
            offset = Listpack.previous(listpack, offset);
        }
        return offset;
    }

    /// The entry after one, or the end.
    ///
    /// @param headFields how many fields the head has
    static int next(long listpack, int entry, int headFields) {
        int fields = Listpack.skip(listpack, entry, FIXED_PIECES);
        return (Listpack.integer(listpack, entry) & SAME_FIELDS) != 0
                ? Listpack.skip(listpack, fields, headFields + 1)
                : Listpack.skip(listpack, fields, 2 * (int) Listpack.integer(listpack, fields) + 2);
    }

    /// The ID of an entry, as far as milliseconds.
    static long ms(long node, int entry) {
        long listpack = listpack(node);
        return ms(node) + Listpack.integer(listpack, Listpack.next(listpack, entry));
    }

    static long seq(long node, int entry) {
        long listpack = listpack(node);
        return seq(node) + Listpack.integer(listpack, Listpack.skip(listpack, entry, 2));
    }

    /// How many bytes the listpack will have when the counts are others.
    static int bytesWith(long listpack, long count, long deleted) {
        return Listpack.bytes(listpack)
                - Listpack.entryBytes(count(listpack))
                - Listpack.entryBytes(deleted(listpack))
                + Listpack.entryBytes(count)
                + Listpack.entryBytes(deleted);
    }

    /// Writes the counts, for which there is room.
    static void counts(long listpack, long count, long deleted) {
        Listpack.replace(listpack, Listpack.FIRST, count);
        Listpack.replace(listpack, deletedAt(listpack), deleted);
    }

    static void markDeleted(long listpack, int entry) {
        Listpack.replace(listpack, entry, Listpack.integer(listpack, entry) | DELETED);
    }

    // ---------------------------------------------------------------------------------------------- checking

    /// The ID of the last entry of a listpack that comes from outside, if it is one of a stream's node: every
    /// entry is whole, their IDs rise, and the counts are true. [Listpack#isValid] has said that it is a
    /// listpack.
    ///
    /// @return null if it is none
    static @Nullable StreamId lastOfValid(long ms, long seq, long listpack) {
        return new Check(ms, seq, listpack).last();
    }

    /// A walk through a listpack that trusts nothing but that it is one.
    private static final class Check {
        private final long listpack;
        private final long nodeMs;
        private final long nodeSeq;
        private int at = Listpack.FIRST;
        private boolean good = true;

        Check(long ms, long seq, long listpack) {
            this.nodeMs = ms;
            this.nodeSeq = seq;
            this.listpack = listpack;
        }

        @Nullable
        StreamId last() {
            long count = number();
            long deleted = number();
            long headFields = number();
            skip(headFields);
            good &= number() == 0 && count >= 0 && deleted >= 0 && headFields > 0;
            long gone = 0;
            long entries = 0;
            @Nullable StreamId last = null;
            while (good && Listpack.has(listpack, at)) {
                long flags = number();
                StreamId id = new StreamId(nodeMs + number(), nodeSeq + number());
                good &= (flags & ~(DELETED | SAME_FIELDS)) == 0 && isInOrder(last, id);
                pieces(flags, headFields);
                gone += flags & DELETED;
                entries++;
                last = id;
            }
            return good && gone == deleted && entries == count + deleted ? last : null;
        }

        private boolean isInOrder(@Nullable StreamId last, StreamId id) {
            return last == null ? StreamId.compare(nodeMs, nodeSeq, id.ms(), id.seq()) <= 0 : last.isBefore(id);
        }

        private void pieces(long flags, long headFields) {
            boolean same = (flags & SAME_FIELDS) != 0;
            long fields = same ? headFields : number();
            good &= fields > 0 && fields <= Listpack.MAX_BYTES;
            long values = same ? fields : 2 * fields;
            skip(values);
            good &= number() == values + FIXED_PIECES + (same ? 0 : 1);
        }

        private long number() {
            if (!good || !Listpack.has(listpack, at) || !Listpack.isInteger(listpack, at)) {
                good = false;
                return 0;
            }
            long number = Listpack.integer(listpack, at);
            at = Listpack.next(listpack, at);
            return number;
        }

        private void skip(long pieces) {
            for (long left = pieces; good && left > 0; left--) {
                good = Listpack.has(listpack, at);
                at = good ? Listpack.next(listpack, at) : at;
            }
        }
    }
}
