package io.nuthatch.memory;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A slice of native memory: an address and a length. It neither owns nor guards what it points at.
///
/// The object is a window that is moved ([#set]) rather than made anew, so that reading a request or a record
/// allocates nothing. Whoever keeps bytes beyond the call copies them out.
///
/// Thread: the one that moves it.
public final class Bytes {
    private long address;
    private int length;

    public long address() {
        return address;
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /// Moves the window.
    public Bytes set(long address, int length) {
        this.address = address;
        this.length = length;
        return this;
    }

    /// Moves the window to where another one is.
    public Bytes set(Bytes other) {
        return set(other.address, other.length);
    }

    public byte byteAt(int index) {
        assert index >= 0 && index < length : "index out of range: index=" + index + ", length=" + length;
        return Memory.getByte(address + index);
    }

    public boolean sameAs(long otherAddress, int otherLength) {
        return length == otherLength && Memory.equal(address, otherAddress, length);
    }

    /// Whether the bytes are `word` (ASCII, given in lower case), whatever their case.
    public boolean is(String word) {
        if (length != word.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(Memory.getByte(address + i)) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }

    public byte[] toArray() {
        byte[] array = new byte[length];
        Memory.copy(address, array, 0, length);
        return array;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes bytes && sameAs(bytes.address, bytes.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + Memory.getByte(address + i);
        }
        return hash;
    }

    /// The bytes as UTF-8 text, for messages and logs.
    @Override
    public String toString() {
        return new String(toArray(), StandardCharsets.UTF_8);
    }
}
