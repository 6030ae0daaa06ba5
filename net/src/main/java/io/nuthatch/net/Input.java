package io.nuthatch.net;

import io.nuthatch.memory.Memory;

/// The beginning of a request that is not whole yet, in memory of the connection's own. Empty for nearly all
/// connections nearly always, and then it holds none.
///
/// Thread: the connection's event loop.
final class Input {
    private static final long FIRST_BYTES = 1024;

    private long address;
    private long capacity;
    private long length;

    long address() {
        return address;
    }

    long length() {
        return length;
    }

    /// How much memory it takes.
    long capacity() {
        return capacity;
    }

    /// Room that is held and not used.
    long roomBytes() {
        return capacity - length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /// Adds bytes at the end.
    ///
    /// @param expected how many bytes the whole will have, as far as that is known
    void append(long from, long bytes, long expected) {
        reserve(length + bytes, expected);
        Memory.copy(from, address + length, bytes);
        length += bytes;
    }

    void append(byte[] bytes) {
        reserve(length + bytes.length, 0);
        Memory.copy(bytes, 0, address + length, bytes.length);
        length += bytes.length;
    }

    /// Room grows by doubling, but not beyond what is expected: a client that announces much and sends little
    /// takes little.
    private void reserve(long needed, long expected) {
        if (needed <= capacity) {
            return;
        }
        long doubled = Math.max(FIRST_BYTES, 2 * needed);
        long larger = expected >= needed ? Math.min(doubled, expected) : doubled;
        address = capacity == 0 ? Memory.allocate(larger) : Memory.reallocate(address, capacity, larger);
        capacity = larger;
    }

    /// Drops the first bytes, which have been read.
    void drop(long bytes) {
        length -= bytes;
        if (length == 0) {
            clear();
        } else if (bytes > 0) {
            Memory.copy(address + bytes, address, length);
        }
    }

    void clear() {
        if (capacity > 0) {
            Memory.free(address, capacity);
        }
        address = capacity = length = 0;
    }
}
