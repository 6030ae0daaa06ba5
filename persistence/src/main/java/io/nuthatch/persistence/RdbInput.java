package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// RDB being read. The bytes may come from anyone, with a checksum that fits: nothing is read beyond their end, and no
/// more memory is asked for than they can fill.
///
/// Errors: an [RdbCorruption] that says where.
///
/// Thread: the one that made it.
final class RdbInput {
    private final long start;
    private final long end;
    private long at;

    RdbInput(Bytes bytes) {
        this(bytes.address(), bytes.length());
    }

    RdbInput(long address, long bytes) {
        start = at = address;
        end = start + bytes;
    }

    private RdbInput(RdbInput other) {
        start = other.start;
        end = other.end;
        at = other.at;
    }

    /// Another one at the same place, that goes its own way.
    RdbInput fork() {
        return new RdbInput(this);
    }

    /// Another one that begins at an offset of this one.
    RdbInput from(long offset) {
        RdbInput other = new RdbInput(this);
        other.at = start + offset;
        return other;
    }

    /// Goes to an offset.
    RdbInput seek(long offset) {
        at = start + offset;
        return this;
    }

    /// How many bytes are yet to be read.
    long remaining() {
        return end - at;
    }

    /// How many bytes lie before the next one to be read.
    long offset() {
        return at - start;
    }

    RdbCorruption corrupt(String what) {
        return new RdbCorruption(what + ": offset=" + (at - start));
    }

    /// Steps over bytes.
    ///
    /// @return where they are
    private long take(long bytes) {
        if (bytes < 0 || bytes > end - at) {
            throw corrupt("ends early");
        }
        at += bytes;
        return at - bytes;
    }

    RdbType type() {
        return RdbType.numbered(Memory.getByte(take(1)) & 0xFF);
    }

    private int peek() {
        if (at == end) {
            throw corrupt("ends early");
        }
        return Memory.getByte(at) & 0xFF;
    }

    /// Whether an integer or a compressed string stands where a length could.
    private boolean isEncoded() {
        return peek() >= RdbOutput.INT_8;
    }

    /// A number in the form of a length, of up to 64 bits.
    long number() {
        return unsigned();
    }

    /// A length that fits into memory.
    int length() {
        long length = unsigned();
        if (length < 0 || length > Integer.MAX_VALUE) {
            throw corrupt("too long: length=" + Long.toUnsignedString(length));
        }
        return (int) length;
    }

    private long unsigned() {
        int first = peek();
        return switch (first >>> 6) {
            case 0 -> Memory.getByte(take(1));
            case 1 -> (first & 0x3F) << 8 | Memory.getByte(take(2) + 1) & 0xFF;
            case 2 -> wide(first);
            default -> throw corrupt("no length");
        };
    }

    private long wide(int first) {
        return switch (first) {
            case 0x80 -> Integer.reverseBytes(Memory.getInt(take(5) + 1)) & 0xFFFF_FFFFL;
            case 0x81 -> Long.reverseBytes(Memory.getLong(take(9) + 1));
            default -> throw corrupt("no length");
        };
    }

    int oneByte() {
        return Memory.getByte(take(1)) & 0xFF;
    }

    /// An integer of four bytes, the lowest first; signed.
    int fixedInt() {
        return Memory.getInt(take(Integer.BYTES));
    }

    /// An integer of eight bytes, the lowest first; signed.
    long fixedLong() {
        return Memory.getLong(take(Long.BYTES));
    }

    /// Plain bytes, without a copy. The window is good as long as the input is.
    Bytes plain(int bytes, Bytes window) {
        return window.set(take(bytes), bytes);
    }

    /// Steps over a type, and over the key behind it if that stands there as it is; the window is moved to it.
    ///
    /// @return whether it does
    boolean plainKey(Bytes window) {
        take(1);
        if (isEncoded()) {
            return false;
        }
        plain(length(), window);
        return true;
    }

    /// Steps over a string without a look at it.
    void skipString() {
        if (!isEncoded()) {
            take(length());
            return;
        }
        switch (oneByte()) {
            case RdbOutput.INT_8 -> take(1);
            case RdbOutput.INT_16 -> take(2);
            case RdbOutput.INT_32 -> take(4);
            case RdbOutput.COMPRESSED -> {
                int bytes = length();
                length();
                take(bytes);
            }
            default -> throw corrupt("no such form of string");
        }
    }

    void skip(long bytes) {
        take(bytes);
    }

    /// A double in its eight bytes, the lowest first.
    double binaryDouble() {
        return Double.longBitsToDouble(Memory.getLong(take(Long.BYTES)));
    }

    /// The checksum of the bytes from one offset to another.
    long checksum(long from, long to) {
        return Crc64.of(0, start + from, to - from);
    }

    /// A string, whatever form it has. It is good as long as the input is.
    RdbString string() {
        if (!isEncoded()) {
            int length = length();
            return RdbString.at(take(length), length);
        }
        int form = Memory.getByte(take(1)) & 0xFF;
        return switch (form) {
            case RdbOutput.INT_8 -> RdbString.of(Memory.getByte(take(1)));
            case RdbOutput.INT_16 -> RdbString.of(Memory.getShort(take(2)));
            case RdbOutput.INT_32 -> RdbString.of(Memory.getInt(take(4)));
            case RdbOutput.COMPRESSED -> expanded();
            default -> throw corrupt("no such form of string: form=" + form);
        };
    }

    private RdbString expanded() {
        int bytes = length();
        int length = length();
        long from = take(bytes);
        if (length > (long) bytes * Lzf.MAX_EXPANSION) {
            throw corrupt("no compression makes so much of so little");
        }
        return RdbString.expanded(from, bytes, length);
    }
}
