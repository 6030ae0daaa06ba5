package io.nuthatch.commands;

import io.nuthatch.memory.Memory;
import java.util.StringJoiner;

/// The sparse form of a HyperLogLog's registers: runs of equal ones, in order, 16384 registers in all.
///
/// ```
///   00xxxxxx            ZERO    x + 1 registers are 0, 1 to 64 of them
///   01xxxxxx yyyyyyyy   XZERO   xy + 1 registers are 0, 1 to 16384 of them
///   1vvvvvxx            VAL     x + 1 registers are v + 1, 1 to 4 of them; v + 1 is 1 to 32
/// ```
///
/// Raising a register splits the run it is in into up to three; runs of the same value beside each other are joined
/// again, within five runs from the one before. Both are done exactly as Redis does them, so that the same elements
/// in the same order make the same bytes.
///
/// Anybody may write such a string with SET or SETRANGE, so nothing here trusts it: no run is read or written
/// beyond the end, and whoever walks learns whether the runs make 16384 registers.
final class SparseRegisters {
    /// What [#raise] answers when the register is as high already.
    static final int UNCHANGED = -1;

    /// The registers cannot be told in this form, or not in the bytes allowed.
    static final int TOO_LARGE = -2;

    /// The runs are none.
    static final int CORRUPT = -3;

    /// By how much [#raise] may lengthen the runs.
    static final int MAX_GROWTH_BYTES = 3;

    static final int EMPTY_BYTES = 2;

    private static final int MAX_VALUE = 32;
    private static final int MAX_VALUES = 4;
    private static final int MAX_ZEROS = 64;

    private static final int VALUE_BIT = 0x80;
    private static final int LONG_ZERO_BIT = 0x40;

    /// Runs that are looked at for joining after a change.
    private static final int JOIN_SCAN = 5;

    private SparseRegisters() {}

    /// Writes the runs of a HyperLogLog that has seen nothing.
    static void writeEmpty(long address) {
        int last = HyperLogLog.REGISTERS - 1;
        Memory.putByte(address, LONG_ZERO_BIT | last >>> 8);
        Memory.putByte(address + 1, last);
    }

    interface RunVisitor {
        void run(int firstRegister, int count, int value);
    }

    /// Visits the runs. None reaches beyond the last register.
    ///
    /// @return whether they are 16384 registers, and end where they should
    static boolean visit(long address, int bytes, RunVisitor visitor) {
        int register = 0;
        int at = 0;
        while (at < bytes && at + opcodeBytes(address + at) <= bytes) {
            int count = count(address + at);
            if (count > HyperLogLog.REGISTERS - register) {
                return false;
            }
            visitor.run(register, count, value(address + at));
            register += count;
            at += opcodeBytes(address + at);
        }
        return at == bytes && register == HyperLogLog.REGISTERS;
    }

    /// The runs in words, for PFDEBUG: `z` and `Z` for zeros, short and long, `v` with the value, and how many.
    static String text(long address, int bytes) {
        StringJoiner text = new StringJoiner(" ");
        for (int at = 0; at < bytes && at + opcodeBytes(address + at) <= bytes; at += opcodeBytes(address + at)) {
            long run = address + at;
            text.add(
                    isValue(run) ? "v:" + value(run) + "," + count(run) : (isLongZero(run) ? "Z:" : "z:") + count(run));
        }
        return text.toString();
    }

    private static int opcode(long at) {
        return Memory.getByte(at) & 0xFF;
    }

    private static boolean isLongZero(long at) {
        return opcode(at) >>> 6 == 1;
    }

    private static boolean isValue(long at) {
        return (opcode(at) & VALUE_BIT) != 0;
    }

    private static int opcodeBytes(long at) {
        return isLongZero(at) ? 2 : 1;
    }

    private static int count(long at) {
        int opcode = opcode(at);
        if (isValue(at)) {
            return (opcode & MAX_VALUES - 1) + 1;
        }
        return isLongZero(at) ? ((opcode & MAX_ZEROS - 1) << 8 | opcode(at + 1)) + 1 : opcode + 1;
    }

    private static int value(long at) {
        return isValue(at) ? (opcode(at) >>> 2 & MAX_VALUE - 1) + 1 : 0;
    }

    /// Raises a register. There must be room for [#MAX_GROWTH_BYTES] more after the runs.
    ///
    /// @param mostBytes how long the runs may become
    /// @return how long they are now, or [#UNCHANGED], [#TOO_LARGE] or [#CORRUPT]
    static int raise(long address, int bytes, int register, int value, long mostBytes) {
        if (value > MAX_VALUE) {
            return TOO_LARGE;
        }
        int before = 0;
        int at = 0;
        int first = 0;
        while (at < bytes && at + opcodeBytes(address + at) <= bytes && register >= first + count(address + at)) {
            first += count(address + at);
            before = at;
            at += opcodeBytes(address + at);
        }
        if (at >= bytes || at + opcodeBytes(address + at) > bytes) {
            return CORRUPT;
        }
        int old = value(address + at);
        if (old >= value) {
            return UNCHANGED;
        }
        Runs runs = new Runs();
        runs.add(old, register - first);
        runs.add(value, 1);
        runs.add(old, first + count(address + at) - 1 - register);
        int oldBytes = opcodeBytes(address + at);
        int growth = runs.bytes - oldBytes;
        if (growth > 0 && bytes + growth > mostBytes) {
            return TOO_LARGE;
        }
        Memory.copy(address + at + oldBytes, address + at + runs.bytes, bytes - at - oldBytes);
        runs.write(address + at);
        return join(address, bytes + growth, before);
    }

    /// Up to three runs in place of one: at most five bytes, the first lowest.
    private static final class Runs {
        private long word;
        private int bytes;

        void add(int value, int count) {
            if (count == 0) {
                return;
            }
            if (value > 0) {
                add(VALUE_BIT | value - 1 << 2 | count - 1);
            } else if (count > MAX_ZEROS) {
                add(LONG_ZERO_BIT | count - 1 >>> 8);
                add(count - 1 & 0xFF);
            } else {
                add(count - 1);
            }
        }

        private void add(int opcode) {
            word |= (long) opcode << 8 * bytes++;
        }

        void write(long address) {
            for (int i = 0; i < bytes; i++) {
                Memory.putByte(address + i, (int) (word >>> 8 * i));
            }
        }
    }

    /// Joins neighbours of the same value, as long as a run can tell their number.
    ///
    /// @return how long the runs are now
    private static int join(long address, int bytes, int from) {
        int length = bytes;
        int at = from;
        for (int i = 0; i < JOIN_SCAN && at < length; i++) {
            long run = address + at;
            boolean joins = isValue(run)
                    && at + 1 < length
                    && isValue(run + 1)
                    && value(run) == value(run + 1)
                    && count(run) + count(run + 1) <= MAX_VALUES;
            if (joins) {
                Memory.putByte(run, opcode(run) + count(run + 1));
                Memory.copy(run + 2, run + 1, length - at - 2);
                length--;
            } else {
                at += opcodeBytes(run);
            }
        }
        return length;
    }
}
