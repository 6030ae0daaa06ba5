package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;

/// A piece of an RDB file: keys, each with its deadline, its use and its value, under the numbers of their databases.
///
/// A long string is only copied when it is added, and takes its form, compressed perhaps, when the piece is completed:
/// who adds it holds a lock.
///
/// Thread: one at a time.
final class RdbKeys implements RdbPiece {
    /// Longer strings have a piece to themselves: to compress one takes some thirty microseconds and more.
    static final int LONG_STRING_BYTES = 8 * 1024;

    private static final int NO_DATABASE = -1;

    private final RdbOutput output;
    private final EvictionPolicy policy;
    private final Bytes window = new Bytes();
    private int database = NO_DATABASE;
    private long copy;
    private int copyLength;
    private int count;

    /// @param tables for compressing, which it borrows each time
    RdbKeys(RdbFormat format, Lzf.Tables tables) {
        output = new RdbOutput(format.compresses(), tables);
        policy = format.policy();
    }

    /// Whether a key should have a piece to itself.
    static boolean isLong(Entry entry) {
        return entry.type() == Type.STRING && StringValue.length(entry) > LONG_STRING_BYTES;
    }

    /// Adds a key with its value.
    void add(int db, Entry entry) {
        begin(db, entry);
        RdbValue.write(entry, output);
    }

    /// Adds a key whose value is a long string. Nothing may be added after it.
    void addLong(int db, Entry entry) {
        begin(db, entry);
        output.type(RdbType.STRING);
        Bytes value = entry.value();
        copyLength = value.length();
        copy = Memory.allocate(copyLength);
        Memory.copy(value.address(), copy, copyLength);
    }

    /// Writes what stands before a value, and has the key written after its type.
    ///
    /// @return where the value goes
    RdbOutput begin(int db, Entry entry) {
        count++;
        if (db != database) {
            database = db;
            output.oneByte(RdbFile.DATABASE);
            output.length(db);
        }
        if (entry.deadlineMs() != Tx.NO_DEADLINE) {
            output.oneByte(RdbFile.DEADLINE_MS);
            output.fixedLong(entry.deadlineMs());
        }
        if (policy.countsUses()) {
            output.oneByte(RdbFile.FREQUENCY);
            output.oneByte(entry.frequency());
        } else if (policy.ranksByUse()) {
            output.oneByte(RdbFile.IDLE);
            output.length(entry.idleSeconds());
        }
        output.label(entry.key(window));
        return output;
    }

    /// Where a large collection goes on that began in another piece.
    RdbOutput output() {
        return output;
    }

    /// How many keys were added.
    int count() {
        return count;
    }

    /// How many bytes it takes in memory, about.
    long heldBytes() {
        return output.length() + copyLength;
    }

    /// What there is, whole; valid until more is added.
    Bytes complete() {
        if (copy != 0) {
            output.string(window.set(copy, copyLength));
            free();
        }
        return output.bytes();
    }

    private void free() {
        Memory.free(copy, copyLength);
        copy = 0;
        copyLength = 0;
    }

    /// The oldest version of the format that has all that was added.
    int version() {
        return output.version();
    }

    @Override
    public void close() {
        if (copy != 0) {
            free();
        }
        output.close();
    }
}
