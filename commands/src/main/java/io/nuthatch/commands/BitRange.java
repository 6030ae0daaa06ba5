package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;

/// The part of a value that BITCOUNT or BITPOS looks at, as the client says it: from a start to an end, both
/// included, in bytes or bits, counted from the back if negative.
///
/// @param unitBits 8 or 1
record BitRange(long start, long end, int unitBits) {
    /// Bits of a value, the last one not included.
    record Resolved(long from, long to) {}

    /// The unit that a word names, in bits.
    static int unitBits(Args args, int index) {
        if (args.is(index, "bit")) {
            return 1;
        }
        if (args.is(index, "byte")) {
            return 8;
        }
        throw CommandError.SYNTAX;
    }

    Resolved in(long bytes) {
        long total = bytes * (8 / unitBits);
        long from = fromFront(start, total);
        long to = Math.min(fromFront(end, total), total - 1) + 1;
        return new Resolved(from * unitBits, from >= to ? from * unitBits : to * unitBits);
    }

    private static long fromFront(long index, long total) {
        return Math.max(0, index < 0 ? index + total : index);
    }
}
