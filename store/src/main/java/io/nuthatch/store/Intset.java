package io.nuthatch.store;

import io.nuthatch.memory.Memory;

/// An intset: a sorted array of integers without duplicates, all of the width that the widest needs. Small sets of
/// integers are one.
///
/// The format is Redis's to the byte (`intset.c`), so that a block is also what DUMP, RDB files and RESTORE carry.
/// All numbers are little-endian.
///
/// ```
///   0             4             8
///   ┌─────────────┬─────────────┬───────┬───────┬───   ───┬───────┐
///   │ width 4     │ count 4     │ value │ value │    …    │ value │
///   └─────────────┴─────────────┴───────┴───────┴───   ───┴───────┘
///     2, 4 or 8
/// ```
/// All methods are functions of the block's address. Changes are made in place: the owner has made room for them
/// beforehand ([#bytesWith] says how much).
///
/// Locks: the owner's.
final class Intset {
    /// The size of one without values.
    static final int EMPTY_BYTES = 8;

    private static final int COUNT = 4;
    private static final int VALUES = 8;

    private Intset() {}

    /// Writes an empty one.
    static void create(long at) {
        Memory.putInt(at, Short.BYTES);
        Memory.putInt(at + COUNT, 0);
    }

    static int count(long at) {
        return Memory.getInt(at + COUNT);
    }

    static int bytes(long at) {
        return VALUES + count(at) * width(at);
    }

    private static int width(long at) {
        return Memory.getInt(at);
    }

    static long value(long at, int index) {
        return value(at, index, width(at));
    }

    private static long value(long at, int index, int width) {
        long place = at + VALUES + (long) index * width;
        return switch (width) {
            case Short.BYTES -> Memory.getShort(place);
            case Integer.BYTES -> Memory.getInt(place);
            default -> Memory.getLong(place);
        };
    }

    private static void value(long at, int index, int width, long value) {
        long place = at + VALUES + (long) index * width;
        switch (width) {
            case Short.BYTES -> Memory.putShort(place, (int) value);
            case Integer.BYTES -> Memory.putInt(place, (int) value);
            default -> Memory.putLong(place, value);
        }
    }

    private static int widthOf(long value) {
        return value == (short) value ? Short.BYTES : value == (int) value ? Integer.BYTES : Long.BYTES;
    }

    static boolean contains(long at, long value) {
        return find(at, value) >= 0;
    }

    /// The value's index, or `-1 - index` with the index it would have.
    static int find(long at, long value) {
        int low = 0;
        int high = count(at) - 1;
        int width = width(at);
        while (low <= high) {
            int middle = low + high >>> 1;
            long found = value(at, middle, width);
            if (found == value) {
                return middle;
            }
            if (found < value) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1 - low;
    }

    /// The size after a value has been added.
    static int bytesWith(long at, long value) {
        return VALUES + (count(at) + 1) * Math.max(width(at), widthOf(value));
    }

    /// Adds a value that is not there.
    ///
    /// @param index where it belongs
    static void insert(long at, int index, long value) {
        int count = count(at);
        int oldWidth = width(at);
        int width = Math.max(oldWidth, widthOf(value));
        if (width != oldWidth) {
            // From the end, so that nothing is overwritten that is still needed.
            for (int i = count - 1; i >= 0; i--) {
                value(at, i < index ? i : i + 1, width, value(at, i, oldWidth));
            }
            Memory.putInt(at, width);
        } else {
            long place = at + VALUES + (long) index * width;
            Memory.copy(place, place + width, (long) (count - index) * width);
        }
        value(at, index, width, value);
        Memory.putInt(at + COUNT, count + 1);
    }

    static void remove(long at, int index) {
        int width = width(at);
        int count = count(at) - 1;
        long place = at + VALUES + (long) index * width;
        Memory.copy(place + width, place, (long) (count - index) * width);
        Memory.putInt(at + COUNT, count);
    }

    /// Whether the bytes, which come from who knows where, are an intset: in order, without duplicates and not
    /// empty. Reads nothing outside of them.
    static boolean isValid(long at, long length) {
        if (length < EMPTY_BYTES) {
            return false;
        }
        int width = width(at);
        int count = count(at);
        if (width != Short.BYTES && width != Integer.BYTES && width != Long.BYTES
                || count <= 0
                || VALUES + (long) count * width != length) {
            return false;
        }
        for (int i = 1; i < count; i++) {
            if (value(at, i - 1, width) >= value(at, i, width)) {
                return false;
            }
        }
        return true;
    }
}
