package io.nuthatch.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.memory.Memory;
import io.nuthatch.memory.testing.GuardedMemory;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GuardedMemory.class)
class HashTest {
    private static final int BYTES = 256 + 16;
    private static final long SEED = 42;

    private long bytes;

    @BeforeEach
    void allocate() {
        bytes = Memory.allocate(BYTES);
    }

    @AfterEach
    void free() {
        Memory.free(bytes, BYTES);
    }

    @Test
    void everyLengthHasItsOwnHash() {
        Memory.fill(bytes, BYTES, 0);
        Set<Long> seen = new HashSet<>();
        for (int length = 0; length <= 256; length++) {
            assertThat(seen.add(Hash.of(bytes, length, SEED)))
                    .as("length=%d", length)
                    .isTrue();
        }
    }

    @Test
    void onlyTheContentCounts() {
        byte[] content = new byte[256];
        new SplittableRandom(1).nextBytes(content);
        for (int length = 0; length <= 256; length++) {
            Memory.fill(bytes, BYTES, 0);
            Memory.copy(content, 0, bytes, length);
            long expected = Hash.of(bytes, length, SEED);
            for (int offset = 1; offset < 16; offset++) {
                Memory.fill(bytes, BYTES, offset);
                Memory.copy(content, 0, bytes + offset, length);
                assertThat(Hash.of(bytes + offset, length, SEED))
                        .as("length=%d", length)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void eachBitOfTheInputTurnsHalfOfTheHash() {
        SplittableRandom random = new SplittableRandom(2);
        int[] lengths = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 65, 100, 256};
        for (int length : lengths) {
            int[] turned = new int[64];
            int rounds = 2_000;
            for (int round = 0; round < rounds; round++) {
                byte[] content = new byte[length];
                random.nextBytes(content);
                Memory.copy(content, 0, bytes, length);
                long seed = random.nextLong();
                long hash = Hash.of(bytes, length, seed);
                int bit = random.nextInt(length * 8);
                Memory.putByte(bytes + bit / 8, content[bit / 8] ^ 1 << bit % 8);
                long difference = hash ^ Hash.of(bytes, length, seed);
                for (int out = 0; out < 64; out++) {
                    turned[out] += (int) (difference >>> out & 1);
                }
            }
            for (int out = 0; out < 64; out++) {
                // Six standard deviations of a fair coin.
                assertThat(turned[out] / (double) rounds)
                        .as("length=%d, bit=%d", length, out)
                        .isBetween(0.433, 0.567);
            }
        }
    }

    @Test
    void countingKeysSpreadEvenlyInEveryPartOfTheHash() {
        int keys = 1 << 18;
        int[][] buckets = new int[8][256];
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < keys; i++) {
            byte[] key = "key:%012d".formatted(i).getBytes(UTF_8);
            Memory.copy(key, 0, bytes, key.length);
            long hash = Hash.of(bytes, key.length, SEED);
            assertThat(seen.add(hash)).isTrue();
            for (int part = 0; part < 8; part++) {
                buckets[part][(int) (hash >>> part * 8 & 0xFF)]++;
            }
        }
        for (int part = 0; part < 8; part++) {
            double chiSquare = 0;
            for (int count : buckets[part]) {
                chiSquare += Math.pow(count - keys / 256.0, 2) / (keys / 256.0);
            }
            // 255 degrees of freedom: mean 255, deviation 22.6.
            assertThat(chiSquare).as("byte=%d", part).isBetween(255 - 6 * 22.6, 255 + 6 * 22.6);
        }
    }

    @Test
    void noPublicConstantMakesKeysCollide() {
        // In wyhash a word that equals one of its constants multiplies the other word, and the seed, by zero.
        for (long constant : new long[] {0, Hash.P0, Hash.P1, Hash.P2}) {
            for (int length : new int[] {16, 24, 32, 48, 64, 96}) {
                Set<Long> seen = new HashSet<>();
                for (int word = 0; word < length / 8; word++) {
                    for (int value = 1; value <= 4; value++) {
                        for (int at = 0; at < length; at += 8) {
                            Memory.putLong(bytes + at, constant);
                        }
                        Memory.putLong(bytes + word * 8L, constant + value);
                        assertThat(seen.add(Hash.of(bytes, length, SEED))).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void theSeedChangesEverything() {
        Memory.fill(bytes, 16, 7);
        int turned = 0;
        for (int bit = 0; bit < 64; bit++) {
            turned += Long.bitCount(Hash.of(bytes, 16, SEED) ^ Hash.of(bytes, 16, SEED ^ 1L << bit));
        }
        assertThat(turned / 64.0).isBetween(28.0, 36.0);
    }
}
