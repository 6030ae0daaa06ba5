package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.function.Consumer;

/// What Redis packed small hashes into before version 2.6. It is read, never written.
///
/// ```
///   zipmap   pairs 1 │ length field │ length spare 1 value spare bytes │ … │ 255
///   length   below 254 itself, or 254 and 4 bytes, the low ones first
/// ```
/// 254 pairs or more stand for "count them". The bytes may come from anyone: nothing outside of them is read.
///
/// Source: Redis's `zipmap.c`, for the format.
final class Zipmap {
    private static final int END = 0xFF;
    private static final int LONG = 254;

    private final long start;
    private final int length;
    private final Bytes window = new Bytes();
    private long offset = 1;

    private Zipmap(Bytes block) {
        start = block.address();
        length = block.length();
    }

    /// Visits a field, its value, the next field, and so on.
    ///
    /// @throws RdbCorruption if the block is no zipmap
    static void visit(Bytes block, Consumer<Bytes> visit) {
        new Zipmap(block).visitAll(visit);
    }

    private void visitAll(Consumer<Bytes> visit) {
        int said = byteAt(0);
        int count = 0;
        for (; byteAt(offset) != END; count++) {
            int bytes = readLength();
            visit.accept(take(bytes));
            bytes = readLength();
            int spare = byteAt(offset++);
            visit.accept(take(bytes));
            take(spare);
        }
        if (offset != length - 1 || said < LONG && said != count) {
            throw corrupt();
        }
    }

    private RdbCorruption corrupt() {
        return new RdbCorruption("not a zipmap: offset=" + offset);
    }

    private int byteAt(long at) {
        if (at >= length) {
            throw corrupt();
        }
        return Memory.getByte(start + at) & 0xFF;
    }

    private int readLength() {
        int first = byteAt(offset++);
        if (first == END) {
            throw corrupt();
        }
        return first < LONG ? first : Memory.getInt(take(Integer.BYTES).address());
    }

    private Bytes take(int bytes) {
        if (bytes < 0 || bytes > length - offset) {
            throw corrupt();
        }
        offset += bytes;
        return window.set(start + offset - bytes, bytes);
    }
}
