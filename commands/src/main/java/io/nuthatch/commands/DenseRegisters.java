package io.nuthatch.commands;

import io.nuthatch.memory.Memory;

/// The dense form of a HyperLogLog's registers: 16384 numbers of six bits, one after the other, the lowest bits
/// first.
///
/// ```
///   byte 0      byte 1      byte 2
///   11000000    22221111    33333322        the digit is the register that the bit belongs to
/// ```
///
/// Loops take eight registers at a time: six bytes, read as a word.
final class DenseRegisters {
    static final int BYTES = HyperLogLog.REGISTERS * 6 / 8;

    private static final int BITS = 6;
    private static final int MASK = 63;
    private static final int GROUP = 8;
    private static final int GROUP_BYTES = GROUP * BITS / 8;

    private DenseRegisters() {}

    static int get(long address, int register) {
        return pair(address, register) >>> shift(register) & MASK;
    }

    /// Raises a register.
    ///
    /// @return whether it was lower
    static boolean raise(long address, int register, int value) {
        if (get(address, register) >= value) {
            return false;
        }
        int shift = shift(register);
        int pair = pair(address, register) & ~(MASK << shift) | value << shift;
        long at = byteOf(address, register);
        Memory.putByte(at, pair);
        if (shift + BITS > 8) {
            Memory.putByte(at + 1, pair >>> 8);
        }
        return true;
    }

    private static long byteOf(long address, int register) {
        return address + (register * BITS >>> 3);
    }

    private static int shift(int register) {
        return register * BITS & 7;
    }

    /// The byte in which a register begins, and the one after it if the register goes on there.
    private static int pair(long address, int register) {
        long at = byteOf(address, register);
        int low = Memory.getByte(at) & 0xFF;
        return shift(register) + BITS > 8 ? low | (Memory.getByte(at + 1) & 0xFF) << 8 : low;
    }

    /// Eight registers, the first in the lowest bits.
    private static long group(long address, int number) {
        long at = address + (long) number * GROUP_BYTES;
        // The last word would reach two bytes beyond the end, so it is read from two bytes before.
        return number < HyperLogLog.REGISTERS / GROUP - 1 ? Memory.getLong(at) : Memory.getLong(at - 2) >>> 16;
    }

    /// Counts how many registers have each value.
    static void histogram(long address, int[] counts) {
        for (int i = 0; i < HyperLogLog.REGISTERS / GROUP; i++) {
            long group = group(address, i);
            for (int j = 0; j < GROUP; j++) {
                counts[(int) (group >>> j * BITS) & MASK]++;
            }
        }
    }

    /// Raises registers of a byte each to what the registers here are.
    static void mergeInto(long address, long byteRegisters) {
        for (int i = 0; i < HyperLogLog.REGISTERS / GROUP; i++) {
            long group = group(address, i);
            long to = byteRegisters + (long) i * GROUP;
            for (int j = 0; j < GROUP; j++) {
                int value = (int) (group >>> j * BITS) & MASK;
                if (value > Memory.getByte(to + j)) {
                    Memory.putByte(to + j, value);
                }
            }
        }
    }
}
