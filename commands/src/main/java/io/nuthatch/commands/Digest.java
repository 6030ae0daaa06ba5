package io.nuthatch.commands;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.HexFormat;

/// What DIGEST answers for a value: XXH3 of 64 bits, without a seed, as sixteen hexadecimal digits. And XXH3 of
/// 128 bits, for what is taken to be the same if its hash is.
final class Digest {
    static final int TEXT_BYTES = 16;

    private static final Hasher64 XXH3 = Hashing.xxh3_64();
    private static final Hasher128 XXH3_128 = Hashing.xxh3_128();
    private static final HexFormat HEX = HexFormat.of();

    private Digest() {}

    static String text(Bytes value) {
        return HEX.toHexDigits(XXH3.hashBytesToLong(value, 0, value.length(), NativeBytes.ACCESS));
    }

    static HashValue128 wide(Bytes value) {
        return XXH3_128.hashBytesTo128Bits(value, 0, value.length(), NativeBytes.ACCESS);
    }

    /// Lets the hash read native memory in place. It wants little-endian words, as the machine has them.
    private enum NativeBytes implements ByteAccess<Bytes> {
        ACCESS;

        @Override
        public byte getByte(Bytes bytes, long offset) {
            return Memory.getByte(bytes.address() + offset);
        }

        @Override
        public int getInt(Bytes bytes, long offset) {
            return Memory.getInt(bytes.address() + offset);
        }

        @Override
        public long getLong(Bytes bytes, long offset) {
            return Memory.getLong(bytes.address() + offset);
        }

        @Override
        public void copyToByteArray(Bytes bytes, long offset, byte[] array, int from, int length) {
            Memory.copy(bytes.address() + offset, array, from, length);
        }
    }
}
