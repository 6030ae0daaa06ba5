package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.util.Objects;

/// Strings: an integer, bytes in the record, or bytes outside.
///
/// - An integer in its canonical decimal form is kept as eight bytes.
/// - Up to [#MAX_INLINE_BYTES] the bytes stand in the record. It grows by moving to the next size of block, an
///   eighth
///   larger, so appending byte by byte copies each byte about eight times in all.
/// - Longer ones have a block of the system allocator. It grows by doubling up to a mebibyte, then by a mebibyte
///   at a
///   time, which moves page tables and not bytes.
///
/// Locks: the shard's, which the transaction holds.
public final class StringValue {
    /// Redis's limit between `embstr` and `raw`.
    private static final int MAX_EMBSTR_BYTES = 44;

    static final int MAX_INLINE_BYTES = 4096;
    private static final int MAX_SPARE_BYTES = 1 << 20;

    private StringValue() {}

    public static long length(Entry entry) {
        long at = entry.at;
        return switch (Record.form(at)) {
            case Record.INT -> Numbers.digits(integer(entry));
            case Record.INLINE -> Record.inlineLength(at);
            default -> Record.outsideLength(at);
        };
    }

    /// Moves a window to the bytes. It is valid as long as the entry, and until the value changes.
    public static Bytes read(Entry entry, Bytes window) {
        long at = entry.at;
        return switch (Record.form(at)) {
            case Record.INT -> window.set(entry.digits, Numbers.write(integer(entry), entry.digits));
            case Record.INLINE -> window.set(Record.valueAddress(at), Record.inlineLength(at));
            default -> window.set(Record.outsideAddress(at), (int) Record.outsideLength(at));
        };
    }

    /// Whether the value is kept as an integer.
    public static boolean isInteger(Entry entry) {
        return Record.form(entry.at) == Record.INT;
    }

    public static long integer(Entry entry) {
        assert isInteger(entry) : "not an integer: at=" + entry.at;
        return Memory.getLong(Record.valueAddress(entry.at));
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        if (isInteger(entry)) {
            return "int";
        }
        boolean raw = (Record.flags(entry.at) & Record.RAW) != 0;
        return raw || length(entry) > MAX_EMBSTR_BYTES ? "raw" : "embstr";
    }

    /// Gives a key a string value, whatever it was before.
    ///
    /// @param key the key's bytes, from outside the store
    /// @param value the new bytes, from outside the store
    /// @param deadlineMs in milliseconds since 1970, or [Tx#NO_DEADLINE]
    public static void set(Tx tx, Bytes key, Bytes value, long deadlineMs) {
        int length = value.length();
        if (length <= Numbers.MAX_LONG_DIGITS && Numbers.isLong(value.address(), length)) {
            setInteger(tx, key, Numbers.parse(value.address(), length), deadlineMs);
        } else if (length <= MAX_INLINE_BYTES) {
            long at = tx.put(key, Type.STRING, Record.INLINE, length, deadlineMs);
            Memory.copy(value.address(), Record.valueAddress(at), length);
        } else {
            long at = tx.put(key, Type.STRING, Record.OUTSIDE, 0, deadlineMs);
            long block = tx.shardOf(key).allocateOutside(length);
            Memory.copy(value.address(), block, length);
            Record.outside(at, block, length, length);
        }
    }

    public static void setInteger(Tx tx, Bytes key, long value, long deadlineMs) {
        long at = tx.put(key, Type.STRING, Record.INT, 0, deadlineMs);
        Memory.putLong(Record.valueAddress(at), value);
    }

    /// Gives a key that is not there an empty string, to be written into.
    public static Entry setEmpty(Tx tx, Bytes key) {
        tx.put(key, Type.STRING, Record.INLINE, 0, Tx.NO_DEADLINE);
        return Objects.requireNonNull(tx.find(key));
    }

    /// Changes an integer in place.
    public static void integer(Entry entry, long value) {
        assert isInteger(entry) : "not an integer: at=" + entry.at;
        Memory.putLong(Record.valueAddress(entry.at), value);
    }

    /// Adds bytes at the end.
    public static void append(Entry entry, Bytes bytes) {
        long length = length(entry);
        grow(entry, length + bytes.length());
        Memory.copy(bytes.address(), start(entry) + length, bytes.length());
    }

    /// Writes bytes at an offset. What lies between the old end and the offset becomes zero bytes.
    public static void setRange(Entry entry, int offset, Bytes bytes) {
        long length = length(entry);
        grow(entry, Math.max(length, (long) offset + bytes.length()));
        long start = start(entry);
        if (offset > length) {
            Memory.fill(start + length, offset - length, 0);
        }
        Memory.copy(bytes.address(), start + offset, bytes.length());
    }

    /// The value's first byte.
    private static long start(Entry entry) {
        return Record.form(entry.at) == Record.OUTSIDE
                ? Record.outsideAddress(entry.at)
                : Record.valueAddress(entry.at);
    }

    /// Makes the value `length` bytes long; the new ones are unwritten.
    private static void grow(Entry entry, long length) {
        spell(entry);
        if (Record.form(entry.at) == Record.OUTSIDE) {
            growOutside(entry, length);
        } else if (length <= MAX_INLINE_BYTES) {
            entry.at = entry.table.resize(entry.hash, entry.at, (int) length);
        } else {
            moveOutside(entry, length);
        }
        Record.flag(entry.at, Record.RAW);
    }

    /// Turns an integer into its digits.
    private static void spell(Entry entry) {
        if (isInteger(entry)) {
            long value = integer(entry);
            int digits = Numbers.digits(value);
            entry.at = entry.table.reshape(entry.hash, entry.at, Record.INLINE, digits, Record.hasDeadline(entry.at));
            Numbers.write(value, Record.valueAddress(entry.at));
        }
    }

    private static void moveOutside(Entry entry, long length) {
        long capacity = capacityFor(length);
        long block = entry.shard.allocateOutside(capacity);
        Memory.copy(Record.valueAddress(entry.at), block, Record.inlineLength(entry.at));
        entry.at = entry.table.reshape(entry.hash, entry.at, Record.OUTSIDE, 0, Record.hasDeadline(entry.at));
        Record.outside(entry.at, block, length, capacity);
    }

    private static void growOutside(Entry entry, long length) {
        long block = Record.outsideAddress(entry.at);
        long capacity = Record.outsideCapacity(entry.at);
        if (length > capacity) {
            long larger = capacityFor(length);
            block = entry.shard.growOutside(block, capacity, larger);
            capacity = larger;
        }
        Record.outside(entry.at, block, length, capacity);
    }

    private static long capacityFor(long length) {
        return length + Math.min(length, MAX_SPARE_BYTES);
    }

    /// Gives `key` a copy of `source`'s value.
    static void copy(Tx tx, Entry source, Bytes key, long deadlineMs) {
        long at = source.at;
        int form = Record.form(at);
        int inlineLength = Record.inlineLength(at);
        long copy = tx.put(key, Type.STRING, form, inlineLength, deadlineMs);
        if (form == Record.OUTSIDE) {
            long length = Record.outsideLength(at);
            long block = tx.shardOf(key).allocateOutside(length);
            Memory.copy(Record.outsideAddress(at), block, length);
            Record.outside(copy, block, length, length);
        } else {
            Memory.copy(Record.valueAddress(at), Record.valueAddress(copy), Record.valueBytes(form, inlineLength));
        }
        Record.flag(copy, Record.flags(at) & Record.RAW);
    }
}
