package io.nuthatch.commands;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import java.util.random.RandomGenerator;

/// What PFSELFTEST does: it writes random registers and reads them back, and counts a million elements in a dense and
/// in a sparse sketch side by side, which must agree and be right within six standard errors.
///
/// Redis tries ten times as much. It takes seconds there, in which nobody else is served.
final class HyperLogLogTrial {
    private static final int REGISTER_ROUNDS = 100;
    private static final int MAX_REGISTER = 63;
    private static final int ELEMENTS = 1_000_000;

    /// The standard error is 1.04 over the root of the number of registers.
    private static final double MAX_ERROR = 6 * 1.04 / Math.sqrt(HyperLogLog.REGISTERS);

    private HyperLogLogTrial() {}

    /// @return what went wrong, or nothing
    static String run(RandomGenerator random, long mostSparseBytes) {
        String fault = tryRegisters(random);
        return fault.isEmpty() ? tryCounting(random.nextLong(), mostSparseBytes) : fault;
    }

    private static String tryRegisters(RandomGenerator random) {
        byte[] expected = new byte[HyperLogLog.REGISTERS];
        try (Scratch registers = Scratch.ofLength(DenseRegisters.BYTES)) {
            long address = registers.bytes().address();
            for (int round = 0; round < REGISTER_ROUNDS; round++) {
                Memory.fill(address, DenseRegisters.BYTES, 0);
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = (byte) random.nextInt(MAX_REGISTER + 1);
                    DenseRegisters.raise(address, i, expected[i]);
                }
                for (int i = 0; i < expected.length; i++) {
                    int actual = DenseRegisters.get(address, i);
                    if (actual != expected[i]) {
                        return "Register " + i + " should be " + expected[i] + " but is " + actual;
                    }
                }
            }
        }
        return "";
    }

    private static String tryCounting(long seed, long mostSparseBytes) {
        try (HyperLogLog dense = HyperLogLog.empty(mostSparseBytes);
                HyperLogLog sparse = HyperLogLog.empty(mostSparseBytes);
                Scratch element = Scratch.ofLength(Long.BYTES)) {
            dense.toDense();
            long address = element.bytes().address();
            int checkpoint = 1;
            for (int i = 1; i <= ELEMENTS; i++) {
                Memory.putLong(address, i ^ seed);
                dense.add(address, Long.BYTES);
                sparse.add(address, Long.BYTES);
                if (i == checkpoint) {
                    String fault = check(dense, sparse, i, mostSparseBytes);
                    if (!fault.isEmpty()) {
                        return fault;
                    }
                    checkpoint *= 10;
                }
            }
        }
        return "";
    }

    private static String check(HyperLogLog dense, HyperLogLog sparse, int elements, long mostSparseBytes) {
        if (elements < mostSparseBytes / 2 && sparse.isDense()) {
            return "sparse encoding not used";
        }
        long count = HyperLogLog.count(dense.bytes());
        if (count != HyperLogLog.count(sparse.bytes())) {
            return "dense/sparse disagree";
        }
        long error = Math.abs(elements - count);
        // Of ten elements two may well meet in one register.
        long allowed = elements == 10 ? 1 : (long) Math.ceil(MAX_ERROR * elements);
        return error > allowed ? "Too big error. card:" + elements + " abserr:" + error : "";
    }
}
