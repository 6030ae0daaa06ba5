package io.nuthatch.commands;

import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// The longest common subsequence of two strings, by the textbook's table:
///
/// ```
///   length(i, j) = the length for the first i bytes of a and the first j bytes of b
///                = length(i-1, j-1) + 1                     if a[i-1] = b[j-1]
///                = max(length(i-1, j), length(i, j-1))      otherwise
/// ```
///
/// The table stands in native memory, row by row, four bytes a cell. The way back through it, from the last cell to
/// the first, spells the subsequence from its end. Where two ways are as long it goes as Redis goes (one byte back
/// in b), so that the same matches come out.
///
/// Cost: O(a x b) in time and memory; the memory may not exceed `proto-max-bulk-len`.
final class LongestCommonSubsequence implements AutoCloseable {
    private static final int CELL_BYTES = Integer.BYTES;

    private final Bytes a;
    private final Bytes b;
    private final long rowBytes;
    private final long tableBytes;
    private final long table;

    LongestCommonSubsequence(Bytes a, Bytes b, long limitBytes) {
        this.a = a;
        this.b = b;
        rowBytes = (b.length() + 1L) * CELL_BYTES;
        // Both lengths are below 2^31: the product is below 2^64, and is compared as such.
        tableBytes = (a.length() + 1L) * rowBytes;
        if (Long.compareUnsigned(tableBytes, limitBytes) > 0) {
            throw CommandError.of("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
        }
        table = Memory.allocate(tableBytes);
        fillTable();
    }

    private void fillTable() {
        Memory.fill(table, rowBytes, 0);
        for (int i = 1; i <= a.length(); i++) {
            fillRow(table + i * rowBytes, a.byteAt(i - 1));
        }
    }

    private void fillRow(long row, byte ofA) {
        long above = row - rowBytes;
        int left = 0;
        int diagonal = 0;
        Memory.putInt(row, 0);
        for (int j = 1; j <= b.length(); j++) {
            long offset = (long) j * CELL_BYTES;
            int up = Memory.getInt(above + offset);
            left = Memory.getByte(b.address() + j - 1) == ofA ? diagonal + 1 : Math.max(up, left);
            diagonal = up;
            Memory.putInt(row + offset, left);
        }
    }

    private int length(int i, int j) {
        return Memory.getInt(table + i * rowBytes + (long) j * CELL_BYTES);
    }

    int length() {
        return length(a.length(), b.length());
    }

    /// Writes the subsequence itself, [#length] bytes.
    void write(long to) {
        int[] left = {length()};
        walkBack((i, j) -> Memory.putByte(to + --left[0], a.byteAt(i)));
    }

    /// A run of bytes that both strings have, each at its own place.
    interface RunVisitor {
        void run(int fromA, int fromB, int length);
    }

    /// Visits the runs that make up the subsequence, the last one first.
    void runs(RunVisitor visitor) {
        int[] run = {0, 0, 0};
        walkBack((i, j) -> {
            boolean goesOn = run[2] > 0 && run[0] == i + 1 && run[1] == j + 1;
            if (!goesOn && run[2] > 0) {
                visitor.run(run[0], run[1], run[2]);
            }
            run[2] = goesOn ? run[2] + 1 : 1;
            run[0] = i;
            run[1] = j;
        });
        if (run[2] > 0) {
            visitor.run(run[0], run[1], run[2]);
        }
    }

    private interface MatchVisitor {
        void match(int inA, int inB);
    }

    private void walkBack(MatchVisitor visitor) {
        int i = a.length();
        int j = b.length();
        while (i > 0 && j > 0) {
            if (a.byteAt(i - 1) == b.byteAt(j - 1)) {
                visitor.match(--i, --j);
            } else if (length(i - 1, j) > length(i, j - 1)) {
                i--;
            } else {
                j--;
            }
        }
    }

    @Override
    public void close() {
        Memory.free(table, tableBytes);
    }
}
