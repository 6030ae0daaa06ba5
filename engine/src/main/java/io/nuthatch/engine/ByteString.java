package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Bytes on the heap that nobody changes, as a key of maps: the name of a channel, a pattern, a prefix.
final class ByteString implements Comparable<ByteString> {
    private final byte[] bytes;
    private final int length;
    private final int hash;

    ByteString(Bytes bytes) {
        this(bytes.toArray());
    }

    /// @param bytes not to be changed any more
    ByteString(byte[] bytes) {
        this(bytes, bytes.length);
    }

    private ByteString(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
        int sum = 1;
        for (int i = 0; i < length; i++) {
            sum = 31 * sum + bytes[i];
        }
        this.hash = sum;
    }

    /// Its beginning, over the same array.
    ByteString prefix(int ofLength) {
        assert ofLength <= length : "too long: prefix=" + ofLength + ", length=" + length;
        return new ByteString(bytes, ofLength);
    }

    int length() {
        return length;
    }

    byte[] toArray() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    boolean startsWith(ByteString prefix) {
        return length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix.bytes, 0, prefix.length);
    }

    /// Byte by byte, as unsigned numbers.
    @Override
    public int compareTo(ByteString other) {
        return Arrays.compareUnsigned(bytes, 0, length, other.bytes, 0, other.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ByteString string
                && string.hash == hash
                && Arrays.equals(bytes, 0, length, string.bytes, 0, string.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "ByteString[length=" + length + "]";
    }
}
