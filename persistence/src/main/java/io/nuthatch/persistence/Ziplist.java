package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.memory.Scratch;
import java.util.function.Consumer;

/// What Redis packed small collections into before version 7, and lists before version 7 altogether. It is read, never
/// written.
///
/// ```
///   ziplist   bytes 4 │ offset of the last entry 4 │ entries 2 │ entry … │ 255          the low bytes first
///   entry     length of the entry before: 1, or 254 and 4 │ encoding │ content
///
///   encoding  00xxxxxx              a string below 64 bytes
///             01xxxxxx b            below 16384, the high bits first
///             10000000 b b b b      any, big-endian
///             11000000              an integer of 16 bits, 11010000 of 32, 11100000 of 64, 11110000 of 24,
///             11111110              of 8, the low bytes first
///             1111xxxx              0 to 12 itself, one more than it
/// ```
/// 65535 entries stand for "count them". The bytes may come from anyone: nothing outside of them is read, and whatever
/// does not fit together is refused.
///
/// Source: Redis's `ziplist.c`, for the format.
final class Ziplist {
    private static final int HEADER_BYTES = 10;
    private static final int LAST_AT = 4;
    private static final int COUNT_AT = 8;
    private static final int UNCOUNTED = 0xFFFF;
    private static final int END = 0xFF;
    private static final int LONG_BEFORE = 254;

    private static final int INT_16 = 0xC0;
    private static final int INT_32 = 0xD0;
    private static final int INT_64 = 0xE0;
    private static final int INT_24 = 0xF0;
    private static final int INT_8 = 0xFE;
    private static final int LEAST_SMALL = 0xF1;
    private static final int GREATEST_SMALL = 0xFD;

    private final long start;
    private final int length;
    private final Bytes window = new Bytes();

    private Ziplist(Bytes block) {
        start = block.address();
        length = block.length();
    }

    /// Visits the entries, integers as their digits.
    ///
    /// @throws RdbCorruption if the block is no ziplist
    static void visit(Bytes block, Consumer<Bytes> visit) {
        new Ziplist(block).visitAll(visit);
    }

    private static RdbCorruption corrupt(String what, long offset) {
        return new RdbCorruption("not a ziplist, " + what + ": offset=" + offset);
    }

    private void expect(boolean fits, String what, long offset) {
        if (!fits) {
            throw corrupt(what, offset);
        }
    }

    private int byteAt(long offset) {
        expect(offset < length, "ends early", offset);
        return Memory.getByte(start + offset) & 0xFF;
    }

    /// Where bytes are that must be there.
    private long content(long offset, long bytes) {
        expect(bytes <= length - offset, "ends early", offset);
        return start + offset;
    }

    private void visitAll(Consumer<Bytes> visit) {
        expect(length > HEADER_BYTES, "too short", 0);
        expect(Memory.getInt(start) == length, "another length", 0);
        long offset = HEADER_BYTES;
        long before = 0;
        int count = 0;
        try (Scratch digits = Scratch.ofLength(Numbers.MAX_LONG_DIGITS)) {
            for (; byteAt(offset) != END; count++) {
                long next = visitOne(offset, before, digits.bytes().address(), visit);
                before = next - offset;
                offset = next;
            }
        }
        expect(offset == length - 1, "bytes behind the end", offset);
        expect(Memory.getInt(start + LAST_AT) == offset - before, "the last entry is elsewhere", LAST_AT);
        int said = Memory.getShort(start + COUNT_AT) & 0xFFFF;
        expect(said == UNCOUNTED || said == count, "another number of entries", COUNT_AT);
    }

    /// @param before the length of the entry before
    /// @return where the next one is
    private long visitOne(long offset, long before, long digits, Consumer<Bytes> visit) {
        long at = offset + 1;
        long said = byteAt(offset);
        if (said == LONG_BEFORE) {
            said = Memory.getInt(content(at, Integer.BYTES)) & 0xFFFF_FFFFL;
            at += Integer.BYTES;
        }
        expect(said == before, "another length of the entry before", offset);
        int encoding = byteAt(at);
        return encoding < INT_16 ? visitString(at, encoding, visit) : visitInteger(at, encoding, digits, visit);
    }

    private long visitString(long at, int encoding, Consumer<Bytes> visit) {
        long from = at + 1;
        long bytes = encoding & 0x3F;
        if (encoding >>> 6 == 1) {
            bytes = bytes << 8 | byteAt(from);
            from += 1;
        } else if (encoding >>> 6 == 2) {
            bytes = Integer.reverseBytes(Memory.getInt(content(from, Integer.BYTES))) & 0xFFFF_FFFFL;
            from += Integer.BYTES;
        }
        visit.accept(window.set(content(from, bytes), (int) bytes));
        return from + bytes;
    }

    private long visitInteger(long at, int encoding, long digits, Consumer<Bytes> visit) {
        long from = at + 1;
        int bytes = integerBytes(encoding, at);
        long value = bytes == 0 ? encoding - LEAST_SMALL : integer(content(from, bytes), bytes);
        visit.accept(window.set(digits, Numbers.write(value, digits)));
        return from + bytes;
    }

    private static int integerBytes(int encoding, long at) {
        return switch (encoding) {
            case INT_8 -> 1;
            case INT_16 -> 2;
            case INT_24 -> 3;
            case INT_32 -> 4;
            case INT_64 -> 8;
            default -> {
                if (encoding < LEAST_SMALL || encoding > GREATEST_SMALL) {
                    throw corrupt("no such encoding", at);
                }
                yield 0;
            }
        };
    }

    private static long integer(long address, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (Memory.getByte(address + i) & 0xFFL) << 8 * i;
        }
        int unused = Long.SIZE - 8 * bytes;
        return value << unused >> unused;
    }
}
