package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Memory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is compressed comes back, and what is not LZF is refused; in blocks of exactly the size, which the guards
/// watch.
class LzfTest {
    private final long seed = Long.getLong("nuthatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /// Text with repeats near and far, long and short, or none.
    private byte[] text() {
        byte[] text = new byte[4 + random.nextInt(random.nextInt(20) == 0 ? 40_000 : 300)];
        int alphabet = 1 + random.nextInt(random.nextInt(3) == 0 ? 256 : 4);
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) random.nextInt(alphabet);
        }
        for (int i = random.nextInt(10); i > 0; i--) {
            int length = random.nextInt(Math.min(text.length, 600));
            int from = random.nextInt(text.length - length);
            System.arraycopy(text, from, text, random.nextInt(text.length - length), length);
        }
        return text;
    }

    @Test
    void whatIsCompressedComesBack() {
        System.out.println("LzfTest seed=" + seed);
        int shorter = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] text = text();
            byte[] compressed = compress(text, text.length - 1);
            if (compressed.length > 0) {
                shorter++;
                assertThat(expand(compressed, text.length)).isEqualTo(text);
                assertThat(text.length).isLessThanOrEqualTo(compressed.length * Lzf.MAX_EXPANSION);
            }
        }
        assertThat(shorter).isGreaterThan(500);
    }

    @Test
    void repeatsBecomeFewBytes() {
        byte[] zeros = new byte[10_000];
        assertThat(compress(zeros, zeros.length).length).isLessThan(130);
    }

    @Test
    void whatWouldNotFitIsNotCompressed() {
        System.out.println("LzfTest seed=" + seed);
        for (int round = 0; round < 1_000; round++) {
            byte[] text = text();
            int length = compress(text, text.length - 1).length;
            if (length > 0) {
                assertThat(compress(text, length)).hasSize(length);
                assertThat(compress(text, length - 1)).isEmpty();
            }
        }
    }

    @Test
    void whatIsNotLzfIsRefused() {
        System.out.println("LzfTest seed=" + seed);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = new byte[1 + random.nextInt(40)];
            random.nextBytes(noise);
            refused += expand(noise, random.nextInt(200)).length == 0 ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(15_000);
    }

    @Test
    void whatWasCutOrLengthenedIsRefused() {
        byte[] compressed = compress(new byte[1000], 1000);
        assertThat(expand(compressed, 1000)).hasSize(1000);
        assertThat(expand(compressed, 999)).isEmpty();
        assertThat(expand(compressed, 1001)).isEmpty();
        assertThat(expand(Arrays.copyOf(compressed, compressed.length - 1), 1000))
                .isEmpty();
    }

    private static byte[] compress(byte[] text, int most) {
        long from = block(text);
        long to = Memory.allocate(Math.max(1, most));
        int length = Lzf.compress(from, text.length, to, most);
        byte[] compressed = new byte[length];
        Memory.copy(to, compressed, 0, length);
        Memory.free(from, Math.max(1, text.length));
        Memory.free(to, Math.max(1, most));
        return compressed;
    }

    /// Empty if it cannot be.
    private static byte[] expand(byte[] compressed, int length) {
        long from = block(compressed);
        long to = Memory.allocate(Math.max(1, length));
        boolean whole = Lzf.expand(from, compressed.length, to, length);
        byte[] text = new byte[whole ? length : 0];
        Memory.copy(to, text, 0, text.length);
        Memory.free(from, Math.max(1, compressed.length));
        Memory.free(to, Math.max(1, length));
        return text;
    }

    private static long block(byte[] bytes) {
        long address = Memory.allocate(Math.max(1, bytes.length));
        Memory.copy(bytes, 0, address, bytes.length);
        return address;
    }
}
