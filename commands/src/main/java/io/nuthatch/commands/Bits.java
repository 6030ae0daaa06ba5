package io.nuthatch.commands;

import io.nuthatch.memory.Memory;

/// Bits of native memory, numbered from the left: bit 0 is the highest of the first byte.
///
/// ```
///   bit     0 1 2 3 4 5 6 7   8 9 ...
///          +-----------------+--------
///   byte   |        0        |   1
///          +-----------------+--------
///           128 ...         1
/// ```
///
/// Loops go by words of eight bytes, from wherever the first byte is: the processors we run on read them unaligned
/// at no cost. A word read from memory is little-endian; with its bytes reversed it has the bits in order, bit 0 on
/// top.
///
/// Ranges are half open: the bit `to` is not in them.
final class Bits {
    private Bits() {}

    /// How many bits of a range are set.
    static long count(long address, long from, long to) {
        if (from >= to) {
            return 0;
        }
        long first = address + (from >>> 3);
        long last = address + (to - 1 >>> 3);
        // The edges may belong to bytes of which only a part is meant.
        int before = (Memory.getByte(first) & 0xFF) >>> 8 - (from & 7);
        int after = Memory.getByte(last) & (1 << 7 - (to - 1 & 7)) - 1;
        return countBytes(first, last + 1 - first) - Integer.bitCount(before) - Integer.bitCount(after);
    }

    private static long countBytes(long address, long bytes) {
        long count = 0;
        int words = (int) (bytes >>> 3);
        for (int i = 0; i < words; i++) {
            count += Long.bitCount(Memory.getLong(address + ((long) i << 3)));
        }
        return count + Long.bitCount(part(address + ((long) words << 3), (int) bytes & 7));
    }

    /// The first bit of a range that is set, or -1.
    static long firstSet(long address, long from, long to) {
        return first(address, from, to, 0);
    }

    /// The first bit of a range that is not set, or -1.
    static long firstClear(long address, long from, long to) {
        return first(address, from, to, -1L);
    }

    /// @param flip what turns a wanted bit into a one: nothing, or all ones
    private static long first(long address, long from, long to, long flip) {
        if (from >= to) {
            return -1;
        }
        long end = to + 7 >>> 3;
        long mask = -1L >>> (from & 7);
        for (long at = from >>> 3; at < end; at += 8) {
            long word = (word(address, at, end) ^ flip) & mask;
            if (word != 0) {
                long bit = (at << 3) + Long.numberOfLeadingZeros(word);
                return bit < to ? bit : -1;
            }
            mask = -1L;
        }
        return -1;
    }

    /// Eight bytes in order, those from `end` on taken for zero.
    private static long word(long address, long at, long end) {
        return Long.reverseBytes(
                end - at >= 8 ? Memory.getLong(address + at) : part(address + at, (int) Math.max(0, end - at)));
    }

    /// Up to eight bytes, the first of them lowest.
    private static long part(long address, int bytes) {
        long word = 0;
        for (int i = 0; i < bytes; i++) {
            word |= (Memory.getByte(address + i) & 0xFFL) << 8 * i;
        }
        return word;
    }

    static boolean isSet(long address, long bit) {
        return (Memory.getByte(address + (bit >>> 3)) & mask(bit)) != 0;
    }

    static void set(long address, long bit, boolean on) {
        long at = address + (bit >>> 3);
        int others = Memory.getByte(at) & ~mask(bit);
        Memory.putByte(at, on ? others | mask(bit) : others);
    }

    private static int mask(long bit) {
        return 0x80 >>> (bit & 7);
    }

    /// Reads `width` bits, 1 to 64, as an unsigned number. What lies beyond the end reads as zero.
    ///
    /// @param bytes how long the memory is
    static long field(long address, long bytes, long bit, int width) {
        long at = bit >>> 3;
        int shift = (int) bit & 7;
        long value = word(address, at, bytes) << shift;
        if (shift > 0) {
            // A field of more than 57 bits may reach into a ninth byte.
            value |= (word(address, at + 8, bytes) >>> 8 - shift) >>> 56;
        }
        return value >>> Long.SIZE - width;
    }

    /// Writes the lowest `width` bits of a number, a byte at a time from the last one on.
    static void setField(long address, long bit, int width, long value) {
        long left = value;
        int bits = width;
        long end = bit + width;
        while (bits > 0) {
            // How far into its byte the field reaches, and how much of the byte is the field's.
            int reach = (int) (end - 1 & 7) + 1;
            int here = Math.min(reach, bits);
            int mask = (1 << here) - 1 << 8 - reach;
            long at = address + (end - 1 >>> 3);
            Memory.putByte(at, Memory.getByte(at) & ~mask | (int) (left << 8 - reach) & mask);
            left >>>= here;
            bits -= here;
            end -= here;
        }
    }
}
