package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import org.jspecify.annotations.Nullable;

/// RDB under way, in native memory that grows with it.
///
/// Thread: the one that made it.
final class RdbOutput implements AutoCloseable {
    static final int MAX_LENGTH_BYTES = 9;

    static final int INT_8 = 0xC0;
    static final int INT_16 = 0xC1;
    static final int INT_32 = 0xC2;
    static final int COMPRESSED = 0xC3;

    private static final int FIRST_CAPACITY = 128;

    /// Longer digits are no integer of 32 bits.
    private static final int MAX_INTEGER_DIGITS = 11;

    /// Shorter strings are not worth compressing, nor are those that lose less than four bytes by it.
    private static final int MIN_COMPRESSED_BYTES = 21;

    private static final int MIN_SAVED_BYTES = 4;

    private final Bytes window = new Bytes();
    private final boolean compresses;
    private final Lzf.Tables tables;
    private long capacity = FIRST_CAPACITY;
    private long address = Memory.allocate(capacity);
    private long length;
    private int version;
    private @Nullable Bytes label;

    RdbOutput() {
        this(true, new Lzf.Tables());
    }

    /// @param compresses whether strings may be compressed
    /// @param tables for that
    RdbOutput(boolean compresses, Lzf.Tables tables) {
        this.compresses = compresses;
        this.tables = tables;
    }

    /// What has been written so far; valid until more is.
    Bytes bytes() {
        if (length > Integer.MAX_VALUE) {
            throw new RdbCorruption("too long for a reply: bytes=" + length);
        }
        return window.set(address, (int) length);
    }

    /// Makes room after what has been written.
    ///
    /// @return where it is
    private long room(long bytes) {
        if (length + bytes > capacity) {
            long larger = Math.max(length + bytes, capacity + capacity / 2);
            address = Memory.reallocate(address, capacity, larger);
            capacity = larger;
        }
        return address + length;
    }

    /// In a file the key stands between the type of its value and the value: it is written with the next [#type].
    void label(Bytes key) {
        label = key;
    }

    /// The type of a value, and the key if one has been said.
    void type(RdbType type) {
        version = Math.max(version, type.version());
        oneByte(type.number());
        Bytes key = label;
        if (key != null) {
            label = null;
            string(key);
        }
    }

    /// The oldest version of the format that has all the types that were written.
    int version() {
        return version;
    }

    /// How many bytes have been written.
    long length() {
        return length;
    }

    /// Begins anew; what has been written is forgotten, its room is kept.
    void clear() {
        length = 0;
    }

    /// Bytes as they are, without their length.
    void plain(Bytes bytes) {
        raw(bytes.address(), bytes.length());
    }

    /// An integer in its eight bytes, the lowest first.
    void fixedLong(long value) {
        Memory.putLong(room(Long.BYTES), value);
        length += Long.BYTES;
    }

    void oneByte(int value) {
        Memory.putByte(room(1), value);
        length++;
    }

    /// A double in its eight bytes, the lowest first.
    void binaryDouble(double value) {
        Memory.putLong(room(Long.BYTES), Double.doubleToRawLongBits(value));
        length += Long.BYTES;
    }

    /// A number of few or many bytes, as it needs; unsigned.
    void length(long value) {
        long at = room(MAX_LENGTH_BYTES);
        if (value >= 0 && value < 1 << 6) {
            Memory.putByte(at, (int) value);
            length += 1;
        } else if (value >= 0 && value < 1 << 14) {
            Memory.putByte(at, (int) (value >>> 8) | 0x40);
            Memory.putByte(at + 1, (int) value);
            length += 2;
        } else if (value >>> 32 == 0) {
            Memory.putByte(at, 0x80);
            Memory.putInt(at + 1, Integer.reverseBytes((int) value));
            length += 5;
        } else {
            Memory.putByte(at, 0x81);
            Memory.putLong(at + 1, Long.reverseBytes(value));
            length += 9;
        }
    }

    /// A string, in the shortest of its forms.
    void string(Bytes text) {
        int bytes = text.length();
        boolean isNumber = bytes <= MAX_INTEGER_DIGITS && Numbers.isLong(text.address(), bytes);
        if (isNumber && isInt(Numbers.parse(text.address(), bytes))) {
            integer(Numbers.parse(text.address(), bytes));
        } else if (!compresses || bytes < MIN_COMPRESSED_BYTES || !compressed(text)) {
            length(bytes);
            raw(text.address(), bytes);
        }
    }

    /// An integer in place of its digits.
    void integer(long value) {
        long at = room(Numbers.MAX_LONG_DIGITS + 1);
        if (value == (byte) value) {
            Memory.putByte(at, INT_8);
            Memory.putByte(at + 1, (int) value);
            length += 2;
        } else if (value == (short) value) {
            Memory.putByte(at, INT_16);
            Memory.putShort(at + 1, (int) value);
            length += 3;
        } else if (isInt(value)) {
            Memory.putByte(at, INT_32);
            Memory.putInt(at + 1, (int) value);
            length += 5;
        } else {
            int digits = Numbers.write(value, at + 1);
            Memory.putByte(at, digits);
            length += 1 + digits;
        }
    }

    private static boolean isInt(long value) {
        return value == (int) value;
    }

    /// Writes a string compressed, if that makes it shorter.
    private boolean compressed(Bytes text) {
        int most = text.length() - MIN_SAVED_BYTES;
        // The lengths stand in front and are known afterwards; they are of at most this size.
        long start = length;
        long at = room(1 + 2 * MAX_LENGTH_BYTES + most);
        long body = at + 1 + 2 * MAX_LENGTH_BYTES;
        int bytes = Lzf.compress(text.address(), text.length(), body, most, tables);
        if (bytes == 0) {
            return false;
        }
        oneByte(COMPRESSED);
        length(bytes);
        length(text.length());
        Memory.copy(address + start + 1 + 2 * MAX_LENGTH_BYTES, room(bytes), bytes);
        length += bytes;
        return true;
    }

    private void raw(long from, int bytes) {
        Memory.copy(from, room(bytes), bytes);
        length += bytes;
    }

    /// Ends a payload of its own with the version and the checksum.
    void seal(int version) {
        long at = room(Short.BYTES);
        Memory.putShort(at, version);
        length += Short.BYTES;
        long sum = Crc64.of(0, address, length);
        Memory.putLong(room(Long.BYTES), sum);
        length += Long.BYTES;
    }

    @Override
    public void close() {
        Memory.free(address, capacity);
    }
}
