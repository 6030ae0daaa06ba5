package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Scratch;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// [Bits] against a plain set of bits, at every alignment and at the very edges of the memory, which the guards watch.
class BitsTest {
    private static final int ROUNDS = 3_000;
    private static final int MAX_BYTES = 90;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /// Random bytes, mostly zeros or mostly ones at times.
    private byte[] bytes() {
        byte[] bytes = new byte[1 + random.nextInt(MAX_BYTES)];
        switch (random.nextInt(4)) {
            case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            case 1 -> {
                Arrays.fill(bytes, (byte) -1);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            default -> random.nextBytes(bytes);
        }
        return bytes;
    }

    /// The same bits in a [BitSet], whose bit 0 is the highest of the first byte.
    private static BitSet model(byte[] bytes) {
        BitSet bits = new BitSet();
        for (int i = 0; i < bytes.length * 8; i++) {
            bits.set(i, (bytes[i / 8] & 0x80 >> i % 8) != 0);
        }
        return bits;
    }

    @Test
    void countsAndFindsAsAPlainSetDoes() {
        System.out.println("BitsTest seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = bytes();
            BitSet model = model(bytes);
            int from = random.nextInt(bytes.length * 8 + 1);
            int to = from + random.nextInt(bytes.length * 8 + 1 - from);
            int set = model.nextSetBit(from);
            int clear = model.nextClearBit(from);
            try (Scratch memory = Scratch.of(bytes)) {
                long address = memory.bytes().address();
                assertThat(Bits.count(address, from, to))
                        .isEqualTo(model.get(from, to).cardinality());
                assertThat(Bits.firstSet(address, from, to)).isEqualTo(set < 0 || set >= to ? -1 : set);
                assertThat(Bits.firstClear(address, from, to)).isEqualTo(clear >= to ? -1 : clear);
            }
        }
    }

    @Test
    void readsAndWritesFieldsAsAPlainSetDoes() {
        System.out.println("BitsTest seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = bytes();
            BitSet model = model(bytes);
            int width = 1 + random.nextInt(Math.min(64, bytes.length * 8));
            int bit = random.nextInt(bytes.length * 8 - width + 1);
            long value = random.nextLong();
            try (Scratch memory = Scratch.of(bytes)) {
                long address = memory.bytes().address();
                assertThat(Bits.field(address, bytes.length, bit, width)).isEqualTo(read(model, bit, width));
                Bits.setField(address, bit, width, value);
                for (int i = 0; i < width; i++) {
                    model.set(bit + i, (value >>> width - 1 - i & 1) != 0);
                }
                assertThat(model(memory.bytes().toArray())).isEqualTo(model);
                int beyond = bytes.length * 8 - random.nextInt(Math.min(8, bytes.length * 8));
                assertThat(Bits.field(address, bytes.length, beyond, width)).isEqualTo(read(model, beyond, width));
            }
        }
    }

    private static long read(BitSet model, int bit, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 1 | (model.get(bit + i) ? 1 : 0);
        }
        return value;
    }

    @Test
    void setsSingleBits() {
        byte[] bytes = bytes();
        BitSet model = model(bytes);
        try (Scratch memory = Scratch.of(bytes)) {
            for (int i = 0; i < bytes.length * 8; i++) {
                boolean on = random.nextBoolean();
                assertThat(Bits.isSet(memory.bytes().address(), i)).isEqualTo(model.get(i));
                Bits.set(memory.bytes().address(), i, on);
                model.set(i, on);
            }
            assertThat(model(memory.bytes().toArray())).isEqualTo(model);
        }
    }
}
