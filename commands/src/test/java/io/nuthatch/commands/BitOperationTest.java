package io.nuthatch.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Scratch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// [BitOperation] against the same thing said byte by byte.
class BitOperationTest {
    private static final int ROUNDS = 150;
    private static final int MAX_BYTES = 20_000;

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource(BitOperation.class)
    void doesWhatItSaysForEveryByte(BitOperation operation) {
        System.out.println("BitOperationTest seed=" + seed);
        for (int round = 0; round < ROUNDS; round++) {
            int count = operation == BitOperation.NOT ? 1 : 2 + random.nextInt(4);
            List<byte[]> sources = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] source = new byte[random.nextInt(random.nextInt(5) == 0 ? MAX_BYTES : 40)];
                random.nextBytes(source);
                sources.add(source);
            }
            assertThat(run(operation, sources)).isEqualTo(expected(operation, sources));
        }
    }

    private static byte[] run(BitOperation operation, List<byte[]> sources) {
        List<Scratch> memory = sources.stream().map(Scratch::of).toList();
        long[] addresses =
                memory.stream().mapToLong(each -> each.bytes().address()).toArray();
        int[] lengths = sources.stream().mapToInt(each -> each.length).toArray();
        try (Scratch result = Scratch.ofLength(longest(sources))) {
            operation.run(addresses, lengths, result.bytes().address(), longest(sources));
            return result.bytes().toArray();
        } finally {
            memory.forEach(Scratch::close);
        }
    }

    private static int longest(List<byte[]> sources) {
        return sources.stream().mapToInt(each -> each.length).max().orElse(0);
    }

    private static byte[] expected(BitOperation operation, List<byte[]> sources) {
        byte[] result = new byte[longest(sources)];
        for (int i = 0; i < result.length; i++) {
            int at = i;
            result[i] = (byte) expected(
                    operation,
                    sources.stream()
                            .mapToInt(each -> at < each.length ? each[at] & 0xFF : 0)
                            .toArray());
        }
        return result;
    }

    private static int expected(BitOperation operation, int[] bytes) {
        int result = 0;
        for (int bit = 1; bit < 256; bit <<= 1) {
            boolean first = (bytes[0] & bit) != 0;
            int others = 0;
            for (int i = 1; i < bytes.length; i++) {
                others += (bytes[i] & bit) != 0 ? 1 : 0;
            }
            boolean on = switch (operation) {
                case AND -> first && others == bytes.length - 1;
                case OR -> first || others > 0;
                case XOR -> first ^ others % 2 == 1;
                case NOT -> !first;
                case DIFF -> first && others == 0;
                case DIFF1 -> !first && others > 0;
                case ANDOR -> first && others > 0;
                case ONE -> others + (first ? 1 : 0) == 1;
            };
            result |= on ? bit : 0;
        }
        return result;
    }
}
