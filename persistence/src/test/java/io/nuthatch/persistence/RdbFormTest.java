package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Lengths and strings as bytes and back; and bytes that are neither, in guarded memory.
class RdbFormTest {
    private static final HexFormat HEX = HexFormat.of();

    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static byte[] written(Consumer<RdbOutput> writes) {
        try (RdbOutput output = new RdbOutput()) {
            writes.accept(output);
            return output.bytes().toArray();
        }
    }

    private static <T> T read(byte[] bytes, Function<RdbInput, T> reads) {
        Bytes window = block(bytes);
        try {
            return reads.apply(new RdbInput(window));
        } finally {
            free(window);
        }
    }

    private static Bytes block(byte[] bytes) {
        long address = Memory.allocate(Math.max(1, bytes.length));
        Memory.copy(bytes, 0, address, bytes.length);
        return new Bytes().set(address, bytes.length);
    }

    private static void free(Bytes bytes) {
        Memory.free(bytes.address(), Math.max(1, bytes.length()));
    }

    private static byte[] writtenString(byte[] text) {
        Bytes window = block(text);
        byte[] bytes = written(output -> output.string(window));
        free(window);
        return bytes;
    }

    private static byte[] readString(byte[] bytes) {
        return read(bytes, input -> {
            try (RdbString string = input.string()) {
                return string.bytes().toArray();
            }
        });
    }

    @Test
    void lengthsHaveTheShortestForm() {
        assertThat(HEX.formatHex(written(output -> output.length(0)))).isEqualTo("00");
        assertThat(HEX.formatHex(written(output -> output.length(63)))).isEqualTo("3f");
        assertThat(HEX.formatHex(written(output -> output.length(64)))).isEqualTo("4040");
        assertThat(HEX.formatHex(written(output -> output.length(16_383)))).isEqualTo("7fff");
        assertThat(HEX.formatHex(written(output -> output.length(16_384)))).isEqualTo("8000004000");
        assertThat(HEX.formatHex(written(output -> output.length(0xFFFF_FFFFL))))
                .isEqualTo("80ffffffff");
        assertThat(HEX.formatHex(written(output -> output.length(1L << 32)))).isEqualTo("810000000100000000");
        assertThat(HEX.formatHex(written(output -> output.length(-1)))).isEqualTo("81ffffffffffffffff");
    }

    @Test
    void lengthsComeBack() {
        for (int bits = 0; bits < 31; bits++) {
            for (int value : new int[] {1 << bits, (1 << bits) - 1, (1 << bits) + 1}) {
                assertThat(read(written(output -> output.length(value)), RdbInput::length))
                        .isEqualTo(value);
            }
        }
    }

    @Test
    void lengthsBeyondAllMemoryAreRefused() {
        for (long value : new long[] {1L << 31, 0xFFFF_FFFFL, 1L << 32, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> read(written(output -> output.length(value)), RdbInput::length))
                    .isInstanceOf(RdbCorruption.class);
        }
    }

    @Test
    void stringsComeBack() {
        System.out.println("RdbFormTest seed=" + seed);
        for (int round = 0; round < 3_000; round++) {
            byte[] text = new byte[random.nextInt(random.nextInt(30) == 0 ? 70_000 : 100)];
            int alphabet = 1 + random.nextInt(256);
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) random.nextInt(alphabet);
            }
            assertThat(readString(writtenString(text))).isEqualTo(text);
        }
    }

    @Test
    void integersComeBackAsTheirDigits() {
        System.out.println("RdbFormTest seed=" + seed);
        for (int round = 0; round < 3_000; round++) {
            long value = random.nextLong() >> random.nextInt(64);
            byte[] digits = Long.toString(value).getBytes(StandardCharsets.US_ASCII);
            byte[] asInteger = written(output -> output.integer(value));
            assertThat(readString(asInteger)).isEqualTo(digits);
            assertThat(writtenString(digits)).isEqualTo(asInteger);
        }
    }

    @Test
    void whatEndsEarlyIsRefused() {
        System.out.println("RdbFormTest seed=" + seed);
        byte[] whole = writtenString("abc".repeat(100).getBytes(StandardCharsets.US_ASCII));
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> readString(part)).isInstanceOf(RdbCorruption.class);
        }
    }

    @Test
    void anythingIsReadOrRefused() {
        System.out.println("RdbFormTest seed=" + seed);
        int refused = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] noise = new byte[random.nextInt(24)];
            random.nextBytes(noise);
            if (noise.length > 0 && random.nextBoolean()) {
                noise[0] = (byte) (RdbOutput.INT_8 + random.nextInt(4));
            }
            try {
                readString(noise);
            } catch (RdbCorruption corruption) {
                refused++;
            }
        }
        assertThat(refused).isBetween(10_000, 49_000);
    }
}
