package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// A key and its value in one block of native memory.
///
/// ```
///   0        1         2          5             7       8
///   +--------+---------+----------+-------------+-------+------------+----------+-----------+-----+---------+
///   | kind   | key     | access   | value       | flags | [deadline] | [fields' | [key      | key | value   |
///   | 1      | length 1| 3        | length 2    | 1     |  8         |   due] 8 |  length] 4|     |         |
///   +--------+---------+----------+-------------+-------+------------+----------+-----------+-----+---------+
/// ```
///
/// - *kind*: the [Type] in the low four bits, how the value is held in the high four: [#INT], [#INLINE],
///   [#OUTSIDE] or [#ROOT].
/// - *key length*: 255 means that the four bytes before the key have it.
/// - *access*: when or how often the key was used, for eviction ([Access]).
/// - *value length*: of an inline value.
/// - *deadline*, only if the key expires: milliseconds since 1970 in the upper 48 bits, the place of its entry in
///   the
///   [TimingWheel] in the lower 16. A deadline beyond 48 bits (the year 10889) stands alone, with the flag
///   [#FAR],
///   and
///   has no entry in the wheel.
/// - *fields' due*, only of a hash that has had deadlines of fields: the earliest of them in the upper 48 bits, all
///   ones if there is none, and the place of the entry in the wheel for fields in the lower 16.
/// - *value*: INT eight bytes; INLINE the bytes themselves; OUTSIDE the address, length and capacity of a block
///   of
///   its
///   own, eight bytes each; ROOT the number of a large collection's [Root] in its shard, eight bytes.
///
/// A string is INT, INLINE or OUTSIDE; a collection that is packed into one block is INLINE or OUTSIDE as well
/// ([Payload]), a large one ROOT.
///
/// The header is eight bytes and is read with one load. A 16-byte key with a 64-byte value takes 88 bytes, 96
/// with a deadline; redis 7.0 takes 152 and 192 with its dictionary entries.
///
/// All methods are functions of an address. Locks: the shard's.
final class Record {
    static final int INT = 0;
    static final int INLINE = 1;
    static final int OUTSIDE = 2;
    static final int ROOT = 3;

    /// The string has been changed in place: OBJECT ENCODING says `raw` however short it is.
    static final int RAW = 1;

    static final int DEADLINE = 2;
    static final int FAR = 4;

    /// The packed block of a set is an [Intset], not a [Listpack].
    static final int INTSET = 8;

    /// The record says when a field of the hash is due, and a small hash is packed in triples ([PackedHash]).
    static final int FIELDS = 16;

    /// What a [Snapshot] tells by whether it has handed the record out.
    static final int MARK = 64;

    /// The flags that speak of the value: they go with it to another record.
    static final int OF_VALUE = RAW | INTSET;

    static final long NO_DEADLINE = -1;

    /// When the next field of a hash is due if none ever is.
    static final long NEVER = (1L << 48) - 1;

    private static final int HEADER_BYTES = 8;
    private static final int LONG_KEY = 255;
    private static final int OUTSIDE_BYTES = 24;
    private static final int ROOT_BYTES = 8;
    private static final int POSITION_BITS = 16;
    private static final int FLAGS_AT = 7;
    private static final int ACCESS_AT = 2;
    private static final int ACCESS_MASK = 0xFFFFFF;

    private Record() {}

    static Type type(long at) {
        return Type.of(Memory.getByte(at) & 15);
    }

    /// INT, INLINE or OUTSIDE.
    static int form(long at) {
        return Memory.getByte(at) >>> 4;
    }

    static int flags(long at) {
        return Memory.getByte(at + FLAGS_AT);
    }

    static void flag(long at, int flag) {
        Memory.putByte(at + FLAGS_AT, flags(at) | flag);
    }

    static void unflag(long at, int flag) {
        Memory.putByte(at + FLAGS_AT, flags(at) & ~flag);
    }

    /// MARK or 0.
    static int mark(long at) {
        return flags(at) & MARK;
    }

    /// @param mark MARK or 0
    static void mark(long at, int mark) {
        Memory.putByte(at + FLAGS_AT, flags(at) & ~MARK | mark);
    }

    static int access(long at) {
        return (int) (Memory.getLong(at) >>> (8 * ACCESS_AT)) & ACCESS_MASK;
    }

    /// Writes the access metadata, unless it is there already: a read that changes nothing leaves the line clean.
    static void access(long at, int access) {
        long header = Memory.getLong(at);
        long changed = header & ~((long) ACCESS_MASK << (8 * ACCESS_AT)) | (long) access << (8 * ACCESS_AT);
        if (changed != header) {
            Memory.putLong(at, changed);
        }
    }

    static boolean hasDeadline(long at) {
        return (flags(at) & DEADLINE) != 0;
    }

    /// In milliseconds since 1970, or NO_DEADLINE.
    static long deadlineMs(long at) {
        int flags = flags(at);
        if ((flags & DEADLINE) == 0) {
            return NO_DEADLINE;
        }
        long deadline = Memory.getLong(at + HEADER_BYTES);
        return (flags & FAR) != 0 ? deadline : deadline >>> POSITION_BITS;
    }

    /// Where the wheel has the record's entry, or NO_POSITION.
    static int wheelPosition(long at) {
        int flags = flags(at);
        return (flags & (DEADLINE | FAR)) == DEADLINE
                ? (int) Memory.getLong(at + HEADER_BYTES) & 0xFFFF
                : TimingWheel.NO_POSITION;
    }

    static boolean isFar(long deadlineMs) {
        return deadlineMs >>> (Long.SIZE - POSITION_BITS) != 0;
    }

    /// Writes the deadline of a record that has room for one.
    static void deadline(long at, long deadlineMs, int position) {
        assert hasDeadline(at) : "record without a deadline: at=" + at;
        boolean far = isFar(deadlineMs);
        int flags = flags(at) & ~FAR;
        Memory.putByte(at + FLAGS_AT, far ? flags | FAR : flags);
        Memory.putLong(at + HEADER_BYTES, far ? deadlineMs : deadlineMs << POSITION_BITS | position);
    }

    /// Whether a hash has had deadlines of fields.
    static boolean hasFields(long at) {
        return (flags(at) & FIELDS) != 0;
    }

    /// Whether anything in the record may ever be due: the key itself, or fields of it.
    static boolean isTimed(long at) {
        return (flags(at) & (DEADLINE | FIELDS)) != 0;
    }

    /// When the next field is due, in milliseconds since 1970, or NEVER.
    static long fieldsDueMs(long at) {
        int flags = flags(at);
        return (flags & FIELDS) == 0 ? NEVER : Memory.getLong(at + fieldsOffset(flags)) >>> POSITION_BITS;
    }

    /// Where the wheel for fields has the record's entry, or NO_POSITION.
    static int fieldsPosition(long at) {
        int flags = flags(at);
        return (flags & FIELDS) == 0
                ? TimingWheel.NO_POSITION
                : (int) Memory.getLong(at + fieldsOffset(flags)) & 0xFFFF;
    }

    /// Writes when the next field is due.
    static void fieldsDue(long at, long dueMs, int position) {
        assert hasFields(at) : "record without deadlines of fields: at=" + at;
        Memory.putLong(at + fieldsOffset(flags(at)), dueMs << POSITION_BITS | position);
    }

    private static int fieldsOffset(int flags) {
        return HEADER_BYTES + (flags & DEADLINE) * 4;
    }

    static int keyLength(long at) {
        int length = Memory.getByte(at + 1) & 0xFF;
        return length == LONG_KEY ? Memory.getInt(at + keyLengthOffset(flags(at))) : length;
    }

    static long keyAddress(long at) {
        long header = Memory.getLong(at);
        long offset = keyLengthOffset((int) (header >>> 56));
        return at + offset + ((header >>> 8 & 0xFF) == LONG_KEY ? 4 : 0);
    }

    private static int keyLengthOffset(int flags) {
        // DEADLINE is 2 and FIELDS is 16: eight more bytes for each.
        return HEADER_BYTES + (flags & DEADLINE) * 4 + (flags & FIELDS) / 2;
    }

    static boolean hasKey(long at, long key, int length) {
        return keyLength(at) == length && Memory.equal(keyAddress(at), key, length);
    }

    static long valueAddress(long at) {
        return keyAddress(at) + keyLength(at);
    }

    /// The length of an inline value, in bytes.
    static int inlineLength(long at) {
        return Memory.getShort(at + 5) & 0xFFFF;
    }

    static void inlineLength(long at, int length) {
        Memory.putShort(at + 5, length);
    }

    static long outsideAddress(long at) {
        return Memory.getLong(valueAddress(at));
    }

    static long outsideLength(long at) {
        return Memory.getLong(valueAddress(at) + 8);
    }

    static long outsideCapacity(long at) {
        return Memory.getLong(valueAddress(at) + 16);
    }

    static void outside(long at, long address, long length, long capacity) {
        long value = valueAddress(at);
        Memory.putLong(value, address);
        Memory.putLong(value + 8, length);
        Memory.putLong(value + 16, capacity);
    }

    /// The number of a large collection's root in its shard.
    static int rootNumber(long at) {
        return (int) Memory.getLong(valueAddress(at));
    }

    static void rootNumber(long at, int number) {
        Memory.putLong(valueAddress(at), number);
    }

    /// The size of a record's block, in bytes, as it was asked from the slab.
    static int blockBytes(long at) {
        return blockBytes(keyLength(at), flags(at), valueBytes(form(at), inlineLength(at)));
    }

    /// @param flags of which DEADLINE and FIELDS count
    static int blockBytes(int keyLength, int flags, int valueBytes) {
        return Math.addExact(keyLengthOffset(flags) + (keyLength >= LONG_KEY ? 4 : 0) + valueBytes, keyLength);
    }

    /// How many bytes a value takes within the block.
    static int valueBytes(int form, int inlineLength) {
        return switch (form) {
            case INT -> 8;
            case INLINE -> inlineLength;
            case OUTSIDE -> OUTSIDE_BYTES;
            case ROOT -> ROOT_BYTES;
            default -> throw new IllegalStateException("no such form: form=" + form);
        };
    }

    /// Writes everything but the deadlines and the value. The key may come from the block itself.
    static void write(long at, Type type, int form, int flags, int access, Bytes key, int inlineLength) {
        int length = key.length();
        int shortLength = Math.min(length, LONG_KEY);
        Memory.putLong(
                at,
                type.ordinal()
                        | form << 4
                        | (long) shortLength << 8
                        | (long) access << (8 * ACCESS_AT)
                        | (long) inlineLength << 40
                        | (long) flags << 56);
        if (shortLength == LONG_KEY) {
            Memory.putInt(at + keyLengthOffset(flags), length);
        }
        Memory.copy(key.address(), keyAddress(at), length);
    }
}
