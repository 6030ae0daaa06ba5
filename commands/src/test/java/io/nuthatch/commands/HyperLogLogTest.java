package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Sketches against a plain array of registers; and against whatever a client may write in their place.
class HyperLogLogTest {
    private static final int MOST_SPARSE_BYTES = 3000;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static int[] registers(HyperLogLog sketch) {
        int[] registers = new int[HyperLogLog.REGISTERS];
        try (Scratch bytes = Scratch.ofLength(HyperLogLog.REGISTERS)) {
            long address = bytes.bytes().address();
            Memory.fill(address, HyperLogLog.REGISTERS, 0);
            HyperLogLog.mergeInto(sketch.bytes(), address);
            for (int i = 0; i < registers.length; i++) {
                registers[i] = Memory.getByte(address + i);
            }
        }
        return registers;
    }

    @Test
    void keepsTheRegistersThatAnArrayKeeps() {
        System.out.println("HyperLogLogTest seed=" + seed);
        for (int most : new int[] {0, 40, 300, MOST_SPARSE_BYTES, 30_000}) {
            int[] model = new int[HyperLogLog.REGISTERS];
            try (HyperLogLog sketch = HyperLogLog.empty(most)) {
                for (int i = 0; i < 4_000; i++) {
                    // Neighbours often, so that runs of equal values are joined and split.
                    int register = random.nextInt(random.nextBoolean() ? 60 : HyperLogLog.REGISTERS);
                    int value = 1 + random.nextInt(i > 3_500 ? 51 : 5);
                    assertThat(sketch.raise(register, value)).isEqualTo(value > model[register]);
                    model[register] = Math.max(model[register], value);
                }
                assertThat(registers(sketch)).isEqualTo(model);
                assertThat(sketch.isDense()).isTrue();
                sketch.toDense();
                assertThat(registers(sketch)).isEqualTo(model);
            }
        }
    }

    @Test
    void estimatesTheSameInBothForms() {
        try (HyperLogLog sparse = HyperLogLog.empty(Long.MAX_VALUE);
                HyperLogLog dense = HyperLogLog.empty(0)) {
            for (int i = 0; i < 2_000; i++) {
                add(sparse, "element " + i);
                add(dense, "element " + i);
                if (i % 50 == 0) {
                    long count = HyperLogLog.count(sparse.bytes());
                    assertThat(HyperLogLog.count(dense.bytes())).isEqualTo(count);
                    assertThat(count).isBetween((long) (i * 0.95), (long) (i * 1.05) + 2);
                }
            }
            assertThat(sparse.isDense()).isFalse();
            assertThat(dense.isDense()).isTrue();
        }
    }

    private static void add(HyperLogLog sketch, String element) {
        try (Scratch bytes = Scratch.of(element)) {
            sketch.add(bytes.bytes().address(), bytes.bytes().length());
        }
    }

    @Test
    void nothingThatAClientWritesIsReadBeyondItsEnd() {
        System.out.println("HyperLogLogTest seed=" + seed);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] value = new byte[HyperLogLog.HEADER_BYTES + random.nextInt(20)];
            random.nextBytes(value);
            System.arraycopy("HYLL\u0001".getBytes(StandardCharsets.ISO_8859_1), 0, value, 0, 5);
            try (Scratch bytes = Scratch.of(value);
                    HyperLogLog sketch = HyperLogLog.copyOf(bytes.bytes(), MOST_SPARSE_BYTES)) {
                refused += refusals(bytes.bytes(), sketch);
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private int refusals(Bytes value, HyperLogLog copy) {
        int refused = 0;
        for (Runnable use : new Runnable[] {
            () -> HyperLogLog.count(value),
            () -> copy.raise(random.nextInt(HyperLogLog.REGISTERS), 1 + random.nextInt(40)),
            copy::toDense
        }) {
            try {
                use.run();
            } catch (CommandError corrupt) {
                assertThat(corrupt).isSameAs(HyperLogLog.CORRUPT);
                refused++;
            }
        }
        return refused;
    }

    @Test
    void runsThatAreTooManyAreRefused() {
        byte[] value = "HYLL\u0001\0\0\0\0\0\0\0\0\0\0\u0080\u007f\u00ff\0".getBytes(StandardCharsets.ISO_8859_1);
        try (Scratch bytes = Scratch.of(value)) {
            assertThatThrownBy(() -> HyperLogLog.count(bytes.bytes())).isSameAs(HyperLogLog.CORRUPT);
        }
    }

    @Test
    void theTrialFindsNoFault() {
        assertThat(HyperLogLogTrial.run(random, MOST_SPARSE_BYTES)).isEmpty();
    }
}
