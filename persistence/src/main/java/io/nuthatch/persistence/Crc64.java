package io.nuthatch.persistence;

import io.nuthatch.memory.Memory;

/// The checksum of RDB: a cyclic redundancy check of 64 bits with the polynomial of Jones, `AD93D23594C935A9`, bits
/// reflected, beginning with zero. That of `123456789` is `E9C6D914C4B8D9CA`.
///
/// Eight bytes are taken at a time, each through a table of its own that knows how far it is from the end of the
/// eight (Kounavis and Berry's slicing by eight).
final class Crc64 {
    /// The polynomial with its bits the other way round.
    private static final long REFLECTED = 0x95AC9329AC4BC9B5L;

    private static final int SLICES = 8;

    /// `[i][b]`: what the byte b does to the checksum when i more bytes come after it.
    private static final long[][] TABLES = tables();

    private Crc64() {}

    private static long[][] tables() {
        long[][] tables = new long[SLICES][256];
        for (int b = 0; b < 256; b++) {
            long crc = b;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ REFLECTED : crc >>> 1;
            }
            tables[0][b] = crc;
        }
        for (int i = 1; i < SLICES; i++) {
            for (int b = 0; b < 256; b++) {
                long before = tables[i - 1][b];
                tables[i][b] = tables[0][(int) before & 0xFF] ^ before >>> 8;
            }
        }
        return tables;
    }

    /// Goes on with a checksum.
    ///
    /// @param crc of the bytes before, or 0
    static long of(long crc, long address, long bytes) {
        long sum = crc;
        long i = 0;
        for (; i + SLICES <= bytes; i += SLICES) {
            long word = sum ^ Memory.getLong(address + i);
            sum = TABLES[7][(int) word & 0xFF]
                    ^ TABLES[6][(int) (word >>> 8) & 0xFF]
                    ^ TABLES[5][(int) (word >>> 16) & 0xFF]
                    ^ TABLES[4][(int) (word >>> 24) & 0xFF]
                    ^ TABLES[3][(int) (word >>> 32) & 0xFF]
                    ^ TABLES[2][(int) (word >>> 40) & 0xFF]
                    ^ TABLES[1][(int) (word >>> 48) & 0xFF]
                    ^ TABLES[0][(int) (word >>> 56)];
        }
        for (; i < bytes; i++) {
            sum = TABLES[0][(int) (sum ^ Memory.getByte(address + i)) & 0xFF] ^ sum >>> 8;
        }
        return sum;
    }
}
