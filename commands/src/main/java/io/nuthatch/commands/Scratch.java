package io.nuthatch.commands;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.nio.charset.StandardCharsets;

/// Bytes of a command's own making in native memory, for as long as it takes to store them.
final class Scratch implements AutoCloseable {
    private final Bytes bytes = new Bytes();
    private final int capacity;

    private Scratch(int length) {
        capacity = Math.max(1, length);
        bytes.set(Memory.allocate(capacity), length);
    }

    static Scratch of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    static Scratch of(byte[] content) {
        Scratch scratch = ofLength(content.length);
        Memory.copy(content, 0, scratch.bytes.address(), content.length);
        return scratch;
    }

    /// Bytes that are yet to be written.
    static Scratch ofLength(int length) {
        return new Scratch(length);
    }

    Bytes bytes() {
        return bytes;
    }

    @Override
    public void close() {
        Memory.free(bytes.address(), capacity);
    }
}
