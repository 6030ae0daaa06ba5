package io.nuthatch.memory;

import java.nio.charset.StandardCharsets;

/// Bytes of the heap, copied to native memory for as long as it takes to look them up or to store them.
public final class Scratch implements AutoCloseable {
    private final Bytes bytes = new Bytes();
    private final int capacity;

    private Scratch(int length) {
        capacity = Math.max(1, length);
        bytes.set(Memory.allocate(capacity), length);
    }

    public static Scratch of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static Scratch of(byte[] content) {
        Scratch scratch = ofLength(content.length);
        Memory.copy(content, 0, scratch.bytes.address(), content.length);
        return scratch;
    }

    public static Scratch of(Bytes content) {
        Scratch scratch = ofLength(content.length());
        Memory.copy(content.address(), scratch.bytes.address(), content.length());
        return scratch;
    }

    /// Bytes that are yet to be written.
    public static Scratch ofLength(int length) {
        return new Scratch(length);
    }

    public Bytes bytes() {
        return bytes;
    }

    @Override
    public void close() {
        Memory.free(bytes.address(), capacity);
    }
}
