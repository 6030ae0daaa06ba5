package io.nuthatch.net;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.resp.Request;

/// The beginning of a request that is not whole yet, in memory of the connection's own. Empty for nearly all
/// connections nearly always, and then it holds none.
///
/// Thread: the connection's event loop.
final class Input {
    private static final long FIRST_BYTES = 1024;

    /// `$`, a number and the end of the line.
    private static final int MAX_HEADER_BYTES = 32;

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

    /// Adds a request, written down as it would have come.
    void append(Request request) {
        header('*', request.count());
        for (int i = 0; i < request.count(); i++) {
            Bytes word = request.word(i);
            header('$', word.length());
            append(word.address(), word.length(), 0);
            lineEnd();
        }
    }

    private void header(char kind, long number) {
        reserve(length + MAX_HEADER_BYTES, 0);
        Memory.putByte(address + length++, kind);
        length += Numbers.write(number, address + length);
        lineEnd();
    }

    private void lineEnd() {
        reserve(length + 2, 0);
        Memory.putByte(address + length++, '\r');
        Memory.putByte(address + length++, '\n');
    }

    /// Has the bytes of another in place of its own.
    void takeOver(Input other) {
        clear();
        address = other.address;
        capacity = other.capacity;
        length = other.length;
        other.address = other.capacity = other.length = 0;
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
