package io.nuthatch.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {
    private static long of(long crc, byte[] bytes) {
        long address = Memory.allocate(bytes.length + 1L);
        Memory.copy(bytes, 0, address, bytes.length);
        long sum = Crc64.of(crc, address, bytes.length);
        Memory.free(address, bytes.length + 1L);
        return sum;
    }

    @Test
    void hasTheCheckValueOfThePolynomial() {
        assertThat(of(0, "123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE9C6D914C4B8D9CAL);
        assertThat(of(0, new byte[0])).isZero();
    }

    @Test
    void isTheSameInOnePieceAndInTwo() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("Crc64Test seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            byte[] whole = new byte[random.nextInt(100)];
            random.nextBytes(whole);
            int cut = random.nextInt(whole.length + 1);
            byte[] head = Arrays.copyOf(whole, cut);
            byte[] tail = Arrays.copyOfRange(whole, cut, whole.length);
            assertThat(of(of(0, head), tail)).isEqualTo(of(0, whole)).isEqualTo(bitByBit(whole));
        }
    }

    @Test
    void longPiecesAreTakenInPartsAndComeToTheSame() {
        long seed = Long.getLong("nuthatch.seed", System.nanoTime());
        System.out.println("Crc64Test seed=" + seed);
        Random random = new Random(seed);
        for (int bytes : new int[] {4095, 4096, 4097, 65_536, 65_543, random.nextInt(4096, 200_000)}) {
            byte[] piece = new byte[bytes];
            random.nextBytes(piece);
            assertThat(of(0, piece)).as("bytes=" + bytes).isEqualTo(bitByBit(piece));
        }
    }

    /// The definition, bit by bit from the left, with everything the other way round.
    private static long bitByBit(byte[] bytes) {
        long crc = 0;
        for (byte b : bytes) {
            crc ^= Long.reverse(b & 0xFFL);
            for (int bit = 0; bit < 8; bit++) {
                crc = crc < 0 ? crc << 1 ^ 0xAD93D23594C935A9L : crc << 1;
            }
        }
        return Long.reverse(crc);
    }
}
