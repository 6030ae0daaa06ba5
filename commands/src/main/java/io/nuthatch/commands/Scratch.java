package io.nuthatch.commands;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.nio.charset.StandardCharsets;

/// Bytes of a command's own making in native memory, for as long as it takes to store them.
final class Scratch implements AutoCloseable {
    private final Bytes bytes = new Bytes();
    private final int capacity;

    private Scratch(byte[] content) {
        capacity = Math.max(1, content.length);
        long address = Memory.allocate(capacity);
        Memory.copy(content, 0, address, content.length);
        bytes.set(address, content.length);
    }

    static Scratch of(String text) {
        return new Scratch(text.getBytes(StandardCharsets.UTF_8));
    }

    static Scratch of(byte[] content) {
        return new Scratch(content);
    }

    Bytes bytes() {
        return bytes;
    }

    @Override
    public void close() {
        Memory.free(bytes.address(), capacity);
    }
}
