package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;

/// A listpack: a sequence of strings and integers, packed into one block of bytes. Small lists, hashes, sets and
/// sorted sets are one; large lists are made of many.
///
/// The format is Redis's to the byte, so that a block is also what DUMP, RDB files and RESTORE carry
/// (`listpack.md` by Salvatore Sanfilippo, and `listpack.c`). All numbers are little-endian.
///
/// ```
///   0            4         6                                             bytes - 1
///   ┌────────────┬─────────┬─────────┬─────────┬───   ───┬─────────┬──────┐
///   │ bytes  int │ count 2 │ entry   │ entry   │    …    │ entry   │ 0xFF │
///   └────────────┴─────────┴─────────┴─────────┴───   ───┴─────────┴──────┘
///
///   entry   encoding and content                              length of both, readable from its end
///
///           0xxxxxxx                                0 … 127
///           10llllll  bytes                         string of up to 63 bytes
///           110xxxxx  x                             -4096 … 4095
///           1110llll  l  bytes                      string of up to 4095 bytes
///           11110000  l l l l  bytes                longer string
///           11110001  x x                           integer of 2 bytes; 11110010: 3; 11110011: 4; 11110100: 8
/// ```
/// - *count*: 65535 means that it is not known, and the entries have to be counted.
/// - *length at the end*: seven bits a byte, the lowest in the last byte; all bytes but the first have the top
///   bit.
/// - Bytes that are an integer in canonical form are always kept as one.
///
/// An entry is named by its offset in the block: it survives when the block moves. [#next] and [#seek]
/// return the offset of the end mark, [#previous] and [#last] return 0, when there is no such entry; [#has] tells.
///
/// All methods are functions of the block's address. Changes are made in place: the owner has made room for them
/// beforehand ([#entryBytes] says how much), and may take back what a removal leaves. The bytes of a new entry
/// must not be the block's own.
///
/// Locks: the owner's.
final class Listpack {
    static final int HEADER_BYTES = 6;

    /// The first entry's offset, or the end mark's.
    static final int FIRST = HEADER_BYTES;

    /// The size of one without entries.
    static final int EMPTY_BYTES = HEADER_BYTES + 1;

    /// Redis's limit for the size of a block.
    static final int MAX_BYTES = 1 << 30;

    private static final int COUNT = 4;
    private static final int COUNT_UNKNOWN = 65_535;
    private static final int END = 0xFF;

    private static final int STRING_6 = 0x80;
    private static final int INT_13 = 0xC0;
    private static final int STRING_12 = 0xE0;
    private static final int STRING_32 = 0xF0;
    private static final int INT_16 = 0xF1;
    private static final int INT_24 = 0xF2;
    private static final int INT_32 = 0xF3;
    private static final int INT_64 = 0xF4;

    private Listpack() {}

    // ---------------------------------------------------------------------------------------------- the whole

    /// Writes an empty one.
    static void create(long at) {
        header(at, EMPTY_BYTES, 0);
        Memory.putByte(at + HEADER_BYTES, END);
    }

    static int bytes(long at) {
        return Memory.getInt(at);
    }

    /// How many entries there are. Beyond 65534 they are counted, one by one.
    static int count(long at) {
        int count = knownCount(at);
        if (count != COUNT_UNKNOWN) {
            return count;
        }
        count = 0;
        for (int offset = FIRST; has(at, offset); offset = next(at, offset)) {
            count++;
        }
        if (count < COUNT_UNKNOWN) {
            Memory.putShort(at + COUNT, count);
        }
        return count;
    }

    private static int knownCount(long at) {
        return Memory.getShort(at + COUNT) & 0xFFFF;
    }

    private static void header(long at, int bytes, int count) {
        Memory.putInt(at, bytes);
        Memory.putShort(at + COUNT, Math.min(count, COUNT_UNKNOWN));
    }

    // ---------------------------------------------------------------------------------------------- going about

    /// Whether there is an entry at an offset, rather than the end mark or nothing.
    static boolean has(long at, int offset) {
        return offset != 0 && byteAt(at + offset) != END;
    }

    /// The end mark's offset: where to append.
    static int end(long at) {
        return bytes(at) - 1;
    }

    static int last(long at) {
        return previous(at, end(at));
    }

    static int next(long at, int offset) {
        int length = encodedBytes(at + offset);
        return offset + length + backlengthBytes(length);
    }

    static int previous(long at, int offset) {
        if (offset == FIRST) {
            return 0;
        }
        int length = backlength(at + offset - 1);
        return offset - length - backlengthBytes(length);
    }

    /// The entry of an index; negative ones count from the end, which is -1. Walks from the nearer end.
    static int seek(long at, int index) {
        int count = knownCount(at) == COUNT_UNKNOWN ? Integer.MAX_VALUE : knownCount(at);
        boolean backwards = index < 0;
        int steps = backwards ? -(index + 1) : index;
        if (count != Integer.MAX_VALUE) {
            if (steps >= count) {
                return backwards ? 0 : end(at);
            }
            if (steps > count / 2) {
                backwards = !backwards;
                steps = count - 1 - steps;
            }
        }
        return backwards ? seekBackwards(at, steps) : skip(at, FIRST, steps);
    }

    /// The entry so many steps further on, or the end mark.
    static int skip(long at, int offset, int steps) {
        int entry = offset;
        for (int left = steps; left > 0 && has(at, entry); left--) {
            entry = next(at, entry);
        }
        return entry;
    }

    private static int seekBackwards(long at, int steps) {
        int entry = last(at);
        for (int left = steps; left > 0 && entry != 0; left--) {
            entry = previous(at, entry);
        }
        return entry;
    }

    // ---------------------------------------------------------------------------------------------- reading

    static boolean isInteger(long at, int offset) {
        int lead = byteAt(at + offset);
        return lead < STRING_6 || lead >= INT_13 && lead < STRING_12 || lead >= INT_16;
    }

    static long integer(long at, int offset) {
        assert isInteger(at, offset) : "not an integer: offset=" + offset;
        long entry = at + offset;
        int lead = byteAt(entry);
        if (lead < STRING_6) {
            return lead;
        }
        if (lead < STRING_12) {
            return (short) ((lead << 8 | byteAt(entry + 1)) << 3) >> 3;
        }
        return switch (lead) {
            case INT_16 -> Memory.getShort(entry + 1);
            case INT_24 -> Memory.getInt(entry) >> 8;
            case INT_32 -> Memory.getInt(entry + 1);
            default -> Memory.getLong(entry + 1);
        };
    }

    /// Moves a window to an entry's bytes.
    ///
    /// @param digits where an integer's digits may be written, [Numbers#MAX_LONG_DIGITS] bytes
    static Bytes read(long at, int offset, Bytes window, long digits) {
        if (isInteger(at, offset)) {
            return window.set(digits, Numbers.write(integer(at, offset), digits));
        }
        return window.set(at + offset + stringHeaderBytes(at + offset), stringLength(at + offset));
    }

    /// The length of an entry's bytes, of an integer's digits.
    static int length(long at, int offset) {
        return isInteger(at, offset) ? Numbers.digits(integer(at, offset)) : stringLength(at + offset);
    }

    /// Whether an entry has these bytes.
    static boolean equal(long at, int offset, Bytes value) {
        if (isInteger(at, offset)) {
            return Numbers.isLong(value.address(), value.length())
                    && Numbers.parse(value.address(), value.length()) == integer(at, offset);
        }
        return isString(at + offset, value);
    }

    /// The first entry, from an offset on, that has these bytes; the end mark if none has. After each entry that
    /// is looked at, `skip` are not: 1 looks at fields or members only where values stand between them.
    static int find(long at, int from, Bytes value, int skip) {
        return Numbers.isLong(value.address(), value.length())
                ? findInteger(at, from, Numbers.parse(value.address(), value.length()), skip)
                : findString(at, from, value, skip);
    }

    private static int findInteger(long at, int from, long value, int skip) {
        int offset = from;
        while (has(at, offset) && !(isInteger(at, offset) && integer(at, offset) == value)) {
            offset = skip(at, next(at, offset), skip);
        }
        return offset;
    }

    /// Where an entry ends is written in its first byte, so that each load waits for the one before. Here entries that
    /// begin like one before them are stepped over by what that one took: a processor that predicts as much goes
    /// ahead, and where fields are as long as each other, and values too, it compares several at a time.
    private static int findString(long at, int from, Bytes value, int skip) {
        int wanted = stringLead(value.length());
        int wantedBytes = stringBytes(value.length());
        int known = END;
        int knownBytes = 0;
        int offset = from;
        for (int lead = byteAt(at + offset); lead != END; lead = byteAt(at + offset)) {
            if (lead == wanted && isString(at + offset, value)) {
                return offset;
            }
            offset = lead == wanted && tellsLength(lead) ? offset + wantedBytes : next(at, offset);
            for (int left = skip; left > 0; left--) {
                int skipped = byteAt(at + offset);
                if (skipped != known) {
                    known = tellsLength(skipped) ? skipped : END;
                    knownBytes = next(at, offset) - offset;
                }
                offset += knownBytes;
            }
        }
        return offset;
    }

    private static boolean isString(long entry, Bytes value) {
        return value.sameAs(entry + stringHeaderBytes(entry), stringLength(entry));
    }

    /// Whether all entries that begin so are of one length: small integers, short strings.
    private static boolean tellsLength(int lead) {
        return lead < INT_13;
    }

    // ---------------------------------------------------------------------------------------------- changing

    /// What an entry of these bytes takes.
    static int entryBytes(Bytes value) {
        if (Numbers.isLong(value.address(), value.length())) {
            return entryBytes(Numbers.parse(value.address(), value.length()));
        }
        return stringBytes(value.length());
    }

    private static int stringBytes(int length) {
        int encoded = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
        return encoded + backlengthBytes(encoded);
    }

    static int entryBytes(long value) {
        return integerBytes(value) + 1;
    }

    /// What the entry at an offset takes.
    static int entryBytes(long at, int offset) {
        return next(at, offset) - offset;
    }

    /// Inserts an entry before the one at an offset, or at the end.
    static void insert(long at, int offset, Bytes value) {
        open(at, offset, 0, entryBytes(value));
        write(at + offset, value);
        counted(at, 1);
    }

    static void insert(long at, int offset, long value) {
        open(at, offset, 0, entryBytes(value));
        write(at + offset, value);
        counted(at, 1);
    }

    /// Replaces the entry at an offset.
    static void replace(long at, int offset, Bytes value) {
        open(at, offset, entryBytes(at, offset), entryBytes(value));
        write(at + offset, value);
    }

    static void replace(long at, int offset, long value) {
        open(at, offset, entryBytes(at, offset), entryBytes(value));
        write(at + offset, value);
    }

    /// Removes `count` entries, or what there is of them, from the one at an offset on.
    static void delete(long at, int offset, int count) {
        int end = offset;
        int deleted = 0;
        while (deleted < count && has(at, end)) {
            end = next(at, end);
            deleted++;
        }
        open(at, offset, end - offset, 0);
        counted(at, -deleted);
    }

    /// Inserts an entry before all others, into bytes that are free before the listpack.
    ///
    /// @return where it begins now, [#entryBytes] before
    static long prepend(long at, Bytes value) {
        int more = entryBytes(value);
        long to = at - more;
        slide(at, to);
        write(to + FIRST, value);
        counted(to, 1);
        return to;
    }

    /// Removes the first `count` entries, or all, and leaves the bytes free before the listpack.
    ///
    /// @return where it begins now
    static long deleteFirst(long at, int count) {
        int end = FIRST;
        int deleted = 0;
        while (deleted < count && has(at, end)) {
            end = next(at, end);
            deleted++;
        }
        long to = at + end - FIRST;
        slide(at, to);
        counted(to, -deleted);
        return to;
    }

    /// Moves the start, for a listpack that still ends where it did.
    private static void slide(long at, long to) {
        int bytes = bytes(at) + (int) (at - to);
        int count = knownCount(at);
        header(to, bytes, count);
    }

    /// Moves what follows an offset, so that `newBytes` stand there instead of `oldBytes`.
    private static void open(long at, int offset, int oldBytes, int newBytes) {
        int bytes = bytes(at);
        if (oldBytes != newBytes) {
            Memory.copy(at + offset + oldBytes, at + offset + newBytes, bytes - offset - oldBytes);
            Memory.putInt(at, bytes + newBytes - oldBytes);
        }
    }

    private static void counted(long at, int more) {
        int count = knownCount(at);
        if (count != COUNT_UNKNOWN) {
            Memory.putShort(at + COUNT, count + more);
        }
    }

    /// Appends the entries of one to another, which has room for them.
    static void append(long at, long from) {
        int end = end(at);
        int added = bytes(from) - EMPTY_BYTES;
        int count = knownCount(at) == COUNT_UNKNOWN || knownCount(from) == COUNT_UNKNOWN
                ? COUNT_UNKNOWN
                : knownCount(at) + knownCount(from);
        Memory.copy(from + HEADER_BYTES, at + end, added + 1L);
        header(at, bytes(at) + added, count);
    }

    /// Writes an entry where the end mark stands, or where the last one that was written so ends. [#close] must follow.
    ///
    /// @return where the entry ends
    static int write(long at, int end, Bytes value) {
        int bytes = entryBytes(value);
        write(at + end, value);
        return end + bytes;
    }

    static int write(long at, int end, long value) {
        write(at + end, value);
        return end + entryBytes(value);
    }

    /// Ends a listpack after `added` entries that were written at its end.
    static void close(long at, int end, int added) {
        Memory.putByte(at + end, END);
        int count = knownCount(at);
        header(at, end + 1, count == COUNT_UNKNOWN ? COUNT_UNKNOWN : count + added);
    }

    /// Writes a copy of the entries from an offset to the end.
    ///
    /// @param to has room for [#tailBytes] bytes
    static void copyTail(long at, int offset, long to) {
        int bytes = tailBytes(at, offset);
        Memory.copy(at + offset, to + HEADER_BYTES, bytes - HEADER_BYTES);
        header(to, bytes, COUNT_UNKNOWN);
        count(to);
    }

    /// The size of a listpack of the entries from an offset to the end.
    static int tailBytes(long at, int offset) {
        return bytes(at) - offset + HEADER_BYTES;
    }

    private static void write(long entry, Bytes value) {
        if (Numbers.isLong(value.address(), value.length())) {
            write(entry, Numbers.parse(value.address(), value.length()));
            return;
        }
        int length = value.length();
        Memory.putByte(entry, stringLead(length));
        int header = 1;
        if (length >= 4096) {
            Memory.putInt(entry + 1, length);
            header = 5;
        } else if (length >= 64) {
            Memory.putByte(entry + 1, length);
            header = 2;
        }
        Memory.copy(value.address(), entry + header, length);
        writeBacklength(entry + header + length, header + length);
    }

    private static void write(long entry, long value) {
        int bytes = integerBytes(value);
        switch (bytes) {
            case 1 -> Memory.putByte(entry, (int) value);
            case 2 -> {
                Memory.putByte(entry, INT_13 | (int) (value >> 8) & 0x1F);
                Memory.putByte(entry + 1, (int) value);
            }
            case 3 -> {
                Memory.putByte(entry, INT_16);
                Memory.putShort(entry + 1, (int) value);
            }
            case 4 -> Memory.putInt(entry, (int) value << 8 | INT_24);
            case 5 -> {
                Memory.putByte(entry, INT_32);
                Memory.putInt(entry + 1, (int) value);
            }
            default -> {
                Memory.putByte(entry, INT_64);
                Memory.putLong(entry + 1, value);
            }
        }
        Memory.putByte(entry + bytes, bytes);
    }

    // ---------------------------------------------------------------------------------------------- checking

    /// Whether the bytes, which come from who knows where, are a listpack. Reads nothing outside of them.
    static boolean isValid(long at, long length) {
        if (length < EMPTY_BYTES || length > MAX_BYTES || bytes(at) != length || byteAt(at + length - 1) != END) {
            return false;
        }
        long end = length - 1;
        long offset = FIRST;
        long count = 0;
        while (offset < end) {
            long entry = validEntryBytes(at + offset, end - offset);
            if (entry == 0) {
                return false;
            }
            offset += entry;
            count++;
        }
        return knownCount(at) == COUNT_UNKNOWN || knownCount(at) == count;
    }

    /// What the entry takes if it is a good one within `room` bytes, else 0.
    private static long validEntryBytes(long entry, long room) {
        int lead = byteAt(entry);
        int header = lead >= STRING_6 && lead < INT_13 || lead < STRING_6 ? 1 : lead == STRING_32 ? 5 : 2;
        if (lead > INT_64 || header > room) {
            return 0;
        }
        long encoded = encodedBytesOrMore(entry);
        if (encoded >= room) {
            return 0;
        }
        int back = backlengthBytes((int) encoded);
        return encoded + back <= room && isBacklength(entry + encoded, (int) encoded, back) ? encoded + back : 0;
    }

    /// [#encodedBytes], of a string whose length may be anything up to 2^32.
    private static long encodedBytesOrMore(long entry) {
        return byteAt(entry) == STRING_32 ? 5 + (Memory.getInt(entry + 1) & 0xFFFF_FFFFL) : encodedBytes(entry);
    }

    private static boolean isBacklength(long at, int length, int bytes) {
        for (int i = 0; i < bytes; i++) {
            if (byteAt(at + i) != backlengthByte(length, bytes, i)) {
                return false;
            }
        }
        return true;
    }

    // ---------------------------------------------------------------------------------------------- bits

    private static int byteAt(long at) {
        return Memory.getByte(at) & 0xFF;
    }

    /// The size of an entry but for the length at its end.
    private static int encodedBytes(long entry) {
        int lead = byteAt(entry);
        if (lead < STRING_6) {
            return 1;
        }
        if (lead < INT_13) {
            return 1 + (lead & 0x3F);
        }
        if (lead < STRING_12) {
            return 2;
        }
        if (lead < STRING_32) {
            return 2 + ((lead & 0xF) << 8 | byteAt(entry + 1));
        }
        return switch (lead) {
            case STRING_32 -> 5 + Memory.getInt(entry + 1);
            case INT_16 -> 3;
            case INT_24 -> 4;
            case INT_32 -> 5;
            case INT_64 -> 9;
            default -> throw new IllegalStateException("no such encoding: lead=" + lead);
        };
    }

    /// The first byte of an entry that is a string of this length.
    private static int stringLead(int length) {
        return length < 64 ? STRING_6 | length : length < 4096 ? STRING_12 | length >> 8 : STRING_32;
    }

    private static int stringHeaderBytes(long entry) {
        int lead = byteAt(entry);
        return lead < INT_13 ? 1 : lead < STRING_32 ? 2 : 5;
    }

    private static int stringLength(long entry) {
        return encodedBytes(entry) - stringHeaderBytes(entry);
    }

    /// The size of an integer with its encoding.
    private static int integerBytes(long value) {
        if (value >= 0 && value <= 127) {
            return 1;
        }
        if (value >= -4096 && value <= 4095) {
            return 2;
        }
        if (value == (short) value) {
            return 3;
        }
        if (value >= -(1 << 23) && value < 1 << 23) {
            return 4;
        }
        return value == (int) value ? 5 : 9;
    }

    /// How many bytes a length takes at the end of an entry. The limits are Redis's, one short of what would fit.
    private static int backlengthBytes(int length) {
        return length <= 127 ? 1 : length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5;
    }

    private static int backlengthByte(int length, int bytes, int index) {
        int bits = length >>> 7 * (bytes - 1 - index) & 0x7F;
        return index == 0 ? bits : bits | 0x80;
    }

    private static void writeBacklength(long at, int length) {
        int bytes = backlengthBytes(length);
        for (int i = 0; i < bytes; i++) {
            Memory.putByte(at + i, backlengthByte(length, bytes, i));
        }
    }

    /// The length whose last byte stands here.
    private static int backlength(long lastByte) {
        int length = 0;
        long at = lastByte;
        for (int shift = 0; ; shift += 7) {
            int bits = byteAt(at--);
            length |= (bits & 0x7F) << shift;
            if (bits < 0x80) {
                return length;
            }
        }
    }
}
