package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;

/// Strings: an integer, or bytes.
///
/// An integer in its canonical decimal form is kept as eight bytes; all else as a [Payload].
///
/// Locks: the shard's, which the transaction holds.
public final class StringValue {
    /// Redis's limit between `embstr` and `raw`.
    private static final int MAX_EMBSTR_BYTES = 44;

    private StringValue() {}

    public static long length(Entry entry) {
        long at = entry.at;
        return isInteger(entry) ? Numbers.digits(integer(entry)) : Payload.length(at);
    }

    /// Moves a window to the bytes. It is valid as long as the entry, and until the value changes.
    public static Bytes read(Entry entry, Bytes window) {
        long at = entry.at;
        return isInteger(entry)
                ? window.set(entry.digits, Numbers.write(integer(entry), entry.digits))
                : window.set(Payload.address(at), (int) Payload.length(at));
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
        } else {
            setText(tx, key, value, deadlineMs);
        }
    }

    /// The same, but bytes that are an integer's digits stay bytes.
    public static void setText(Tx tx, Bytes key, Bytes value, long deadlineMs) {
        long at = Payload.put(tx, key, Type.STRING, value.length(), deadlineMs);
        Memory.copy(value.address(), Payload.address(at), value.length());
    }

    /// Gives a key a string value whose bytes stand in a block of [Memory#allocate], which from now on is the store's.
    ///
    /// @param block exactly `length` bytes
    public static void give(Tx tx, Bytes key, long block, int length, long deadlineMs) {
        long at = Payload.give(tx, key, Type.STRING, block, length, deadlineMs);
        Record.flag(at, Record.RAW);
    }

    public static void setInteger(Tx tx, Bytes key, long value, long deadlineMs) {
        long at = tx.put(key, Type.STRING, Record.INT, 0, deadlineMs);
        Memory.putLong(Record.valueAddress(at), value);
    }

    /// Gives a key that is not there an empty string, to be written into.
    public static Entry setEmpty(Tx tx, Bytes key) {
        return Payload.create(tx, key, Type.STRING, 0);
    }

    /// Changes an integer in place.
    public static void integer(Entry entry, long value) {
        assert isInteger(entry) : "not an integer: at=" + entry.at;
        Memory.putLong(Record.valueAddress(entry.at), value);
    }

    /// Adds bytes at the end.
    public static void append(Entry entry, Bytes bytes) {
        long length = length(entry);
        long start = resize(entry, length + bytes.length());
        Memory.copy(bytes.address(), start + length, bytes.length());
    }

    /// Writes bytes at an offset. What lies between the old end and the offset becomes zero bytes.
    public static void setRange(Entry entry, int offset, Bytes bytes) {
        long length = length(entry);
        long start = resize(entry, Math.max(length, (long) offset + bytes.length()));
        if (offset > length) {
            Memory.fill(start + length, offset - length, 0);
        }
        Memory.copy(bytes.address(), start + offset, bytes.length());
    }

    /// Makes the value `length` bytes long, to be written in place; the new ones are unwritten.
    ///
    /// @return where the first byte is
    public static long resize(Entry entry, long length) {
        spell(entry);
        long start = Payload.resize(entry, length);
        Record.flag(entry.at, Record.RAW);
        return start;
    }

    /// Makes the value at least `length` bytes long, to be written in place; the new ones are zero.
    ///
    /// @return where the first byte is
    public static long writable(Entry entry, long length) {
        long old = length(entry);
        long start = resize(entry, Math.max(old, length));
        if (length > old) {
            Memory.fill(start + old, length - old, 0);
        }
        return start;
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
}
