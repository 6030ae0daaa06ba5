package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// An element of a large set, sorted set or hash: one block of native memory, which the index and the tree of its
/// collection share.
///
/// ```
///   0       1          2
///   +-------+----------+---------+------------+------------+-----------+--------+-------+
///   | flags | member   | [score] | [deadline] | [member    | [value    | member | value |
///   | 1     | length 1 |  8      |  8         |  length] 4 |  length]  |        |       |
///   +-------+----------+---------+------------+------------+-----------+--------+-------+
/// ```
/// - *flags* say which of the parts are there.
/// - *member length*: with [#LONG_MEMBER] the four bytes have it.
/// - *value length*: with [#VALUE] one byte, with [#LONG_VALUE] as well four.
/// - *deadline*: of a hash's field, in milliseconds since 1970.
///
/// A 16-byte member of a set takes 18 bytes, which is a block of 24; of a sorted set 26, a block of 32.
///
/// All methods are functions of an address. Locks: the shard's.
final class Member {
    static final int SCORE = 1;
    static final int DEADLINE = 2;
    static final int VALUE = 4;
    private static final int LONG_MEMBER = 8;
    private static final int LONG_VALUE = 16;

    /// What a [Snapshot] tells by whether it has handed the member out.
    static final int MARK = 32;

    private static final int HEADER_BYTES = 2;
    private static final int LONGEST_SHORT = 255;

    private Member() {}

    /// The size of the block of such a member, in bytes.
    ///
    /// @param parts SCORE, DEADLINE, VALUE
    static int blockBytes(int parts, int length, int valueLength) {
        int flags = flagsFor(parts, length, valueLength);
        return Math.addExact(Math.addExact(memberOffset(flags), length), valueLength);
    }

    static int blockBytes(long at) {
        return blockBytes(parts(at), length(at), valueLength(at));
    }

    private static int flagsFor(int parts, int length, int valueLength) {
        return parts | (length > LONGEST_SHORT ? LONG_MEMBER : 0) | (valueLength > LONGEST_SHORT ? LONG_VALUE : 0);
    }

    /// Writes a member; score, deadline and value are unwritten.
    ///
    /// @param parts SCORE, DEADLINE, VALUE, MARK
    static void write(long at, int parts, Bytes member, int valueLength) {
        int flags = flagsFor(parts, member.length(), valueLength);
        Memory.putByte(at, flags);
        Memory.putByte(at + 1, member.length());
        if ((flags & LONG_MEMBER) != 0) {
            Memory.putInt(at + longLengthOffset(flags), member.length());
        }
        if ((flags & LONG_VALUE) != 0) {
            Memory.putInt(at + valueLengthOffset(flags), valueLength);
        } else if ((flags & VALUE) != 0) {
            Memory.putByte(at + valueLengthOffset(flags), valueLength);
        }
        Memory.copy(member.address(), at + memberOffset(flags), member.length());
    }

    private static int flags(long at) {
        return Memory.getByte(at);
    }

    /// SCORE, DEADLINE, VALUE.
    static int parts(long at) {
        return flags(at) & (SCORE | DEADLINE | VALUE);
    }

    /// MARK or 0.
    static int mark(long at) {
        return flags(at) & MARK;
    }

    /// @param mark MARK or 0
    static void mark(long at, int mark) {
        Memory.putByte(at, flags(at) & ~MARK | mark);
    }

    static int length(long at) {
        int flags = flags(at);
        return (flags & LONG_MEMBER) == 0 ? Memory.getByte(at + 1) & 0xFF : Memory.getInt(at + longLengthOffset(flags));
    }

    static long address(long at) {
        return at + memberOffset(flags(at));
    }

    /// Moves a window to the member.
    static Bytes read(long at, Bytes window) {
        return window.set(address(at), length(at));
    }

    static double score(long at) {
        assert (flags(at) & SCORE) != 0 : "member without a score: at=" + at;
        return Double.longBitsToDouble(Memory.getLong(at + HEADER_BYTES));
    }

    static void score(long at, double score) {
        assert (flags(at) & SCORE) != 0 : "member without a score: at=" + at;
        Memory.putLong(at + HEADER_BYTES, Double.doubleToRawLongBits(score));
    }

    static long deadlineMs(long at) {
        int flags = flags(at);
        return (flags & DEADLINE) == 0 ? Record.NO_DEADLINE : Memory.getLong(at + deadlineOffset(flags));
    }

    static void deadlineMs(long at, long deadlineMs) {
        assert (flags(at) & DEADLINE) != 0 : "member without a deadline: at=" + at;
        Memory.putLong(at + deadlineOffset(flags(at)), deadlineMs);
    }

    static int valueLength(long at) {
        int flags = flags(at);
        if ((flags & VALUE) == 0) {
            return 0;
        }
        long place = at + valueLengthOffset(flags);
        return (flags & LONG_VALUE) == 0 ? Memory.getByte(place) & 0xFF : Memory.getInt(place);
    }

    static long valueAddress(long at) {
        return address(at) + length(at);
    }

    /// Moves a window to the value.
    static Bytes value(long at, Bytes window) {
        return window.set(valueAddress(at), valueLength(at));
    }

    private static int deadlineOffset(int flags) {
        return HEADER_BYTES + (flags & SCORE) * 8;
    }

    private static int longLengthOffset(int flags) {
        // DEADLINE is 2: eight more bytes.
        return deadlineOffset(flags) + (flags & DEADLINE) * 4;
    }

    private static int valueLengthOffset(int flags) {
        return longLengthOffset(flags) + ((flags & LONG_MEMBER) == 0 ? 0 : 4);
    }

    private static int memberOffset(int flags) {
        int offset = valueLengthOffset(flags);
        return (flags & VALUE) == 0 ? offset : offset + ((flags & LONG_VALUE) == 0 ? 1 : 4);
    }
}
