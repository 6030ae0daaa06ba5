package io.nuthatch.commands;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import java.util.Arrays;
import java.util.Locale;

/// BITOP: what becomes of several bitmaps, bit by bit. The shorter ones count as filled up with zeros.
///
/// ```
///   AND OR XOR        of all sources, from the first to the last
///   NOT               of the only one
///   DIFF              x and not (y or z or ...)      x is the first source
///   DIFF1             not x and (y or z or ...)
///   ANDOR             x and (y or z or ...)
///   ONE               set in exactly one source
/// ```
///
/// All sources are taken through one slice of the result at a time, which stays in the processor's nearest cache
/// meanwhile, a word of eight bytes after the other. So the time is that of reading each source once.
enum BitOperation {
    AND,
    OR,
    XOR,
    NOT,
    DIFF,
    DIFF1,
    ANDOR,
    ONE;

    /// Half of the nearest cache, so that a source fits beside the result (and the carry of ONE).
    private static final int SLICE_BYTES = 8 * 1024;

    private static final BitOperation[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT);

    /// The operation that a word names.
    static BitOperation at(Args args, int index) {
        return Arrays.stream(ALL)
                .filter(operation -> args.is(index, operation.word))
                .findFirst()
                .orElseThrow(() -> CommandError.SYNTAX);
    }

    /// Whether every Redis knows it, so that replicas and logs may be told of it by name.
    boolean isOld() {
        return ordinal() <= NOT.ordinal();
    }

    void checkSources(int count) {
        switch (this) {
            case NOT -> {
                if (count != 1) {
                    throw CommandError.of("ERR BITOP NOT must be called with a single source key.");
                }
            }
            case DIFF, DIFF1, ANDOR -> {
                if (count < 2) {
                    throw CommandError.of("ERR BITOP " + name() + " must be called with at least two source keys.");
                }
            }
            case AND, OR, XOR, ONE -> {}
        }
    }

    /// Writes the result, as long as the longest source.
    ///
    /// @param addresses where the sources stand
    /// @param lengths in bytes
    void run(long[] addresses, int[] lengths, long result, int length) {
        try (Scratch carry = Scratch.ofLength(this == ONE ? SLICE_BYTES : 0)) {
            for (int from = 0; from < length; from += SLICE_BYTES) {
                int bytes = Math.min(SLICE_BYTES, length - from);
                slice(
                        new Slices(addresses, lengths, from, bytes),
                        result + from,
                        carry.bytes().address());
            }
        }
    }

    /// The same part of every source.
    private record Slices(long[] addresses, int[] lengths, int from, int bytes) {
        int count() {
            return addresses.length;
        }

        long address(int source) {
            return addresses[source] + from;
        }

        /// How much of the slice a source has.
        int bytes(int source) {
            return Math.clamp(lengths[source] - from, 0, bytes);
        }

        void copy(int source, long to) {
            Memory.copy(address(source), to, bytes(source));
            Memory.fill(to + bytes(source), bytes - bytes(source), 0);
        }
    }

    private void slice(Slices slices, long result, long carry) {
        switch (this) {
            case AND, OR, XOR -> {
                slices.copy(0, result);
                for (int i = 1; i < slices.count(); i++) {
                    combine(slices, i, result);
                }
            }
            case NOT -> {
                slices.copy(0, result);
                invert(result, slices.bytes());
            }
            case DIFF, DIFF1, ANDOR -> {
                slices.copy(1, result);
                for (int i = 2; i < slices.count(); i++) {
                    or(result, slices.address(i), slices.bytes(i));
                }
                combine(slices, 0, result);
            }
            case ONE -> {
                slices.copy(0, result);
                Memory.fill(carry, slices.bytes(), 0);
                for (int i = 1; i < slices.count(); i++) {
                    addOnce(result, carry, slices.address(i), slices.bytes(i));
                }
                andNot(result, carry, slices.bytes());
            }
        }
    }

    /// Brings a source into the result.
    private void combine(Slices slices, int source, long result) {
        long address = slices.address(source);
        int bytes = slices.bytes(source);
        switch (this) {
            case AND, ANDOR -> and(result, address, bytes);
            case OR -> or(result, address, bytes);
            case XOR -> xor(result, address, bytes);
            case DIFF -> notAnd(result, address, bytes);
            case DIFF1 -> andNot(result, address, bytes);
            case NOT, ONE -> throw new IllegalStateException("takes no source by itself: operation=" + this);
        }
        if (this == AND || this == ANDOR || this == DIFF) {
            // The source is all zeros from there on.
            Memory.fill(result + bytes, slices.bytes() - bytes, 0);
        }
    }

    // Each loop goes by words and ends with single bytes. They are written out: a loop that was told by an object
    // what to do would do it several times slower.

    private static void and(long to, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, Memory.getLong(to + i) & Memory.getLong(from + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, Memory.getByte(to + i) & Memory.getByte(from + i));
        }
    }

    private static void or(long to, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, Memory.getLong(to + i) | Memory.getLong(from + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, Memory.getByte(to + i) | Memory.getByte(from + i));
        }
    }

    private static void xor(long to, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, Memory.getLong(to + i) ^ Memory.getLong(from + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, Memory.getByte(to + i) ^ Memory.getByte(from + i));
        }
    }

    private static void andNot(long to, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, Memory.getLong(to + i) & ~Memory.getLong(from + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, Memory.getByte(to + i) & ~Memory.getByte(from + i));
        }
    }

    private static void notAnd(long to, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, ~Memory.getLong(to + i) & Memory.getLong(from + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, ~Memory.getByte(to + i) & Memory.getByte(from + i));
        }
    }

    private static void invert(long to, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Memory.putLong(to + i, ~Memory.getLong(to + i));
        }
        for (; i < bytes; i++) {
            Memory.putByte(to + i, ~Memory.getByte(to + i));
        }
    }

    /// Adds a source to the bits seen an odd number of times, and to those seen more than once.
    private static void addOnce(long odd, long twice, long from, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            long word = Memory.getLong(from + i);
            long seen = Memory.getLong(odd + i);
            Memory.putLong(twice + i, Memory.getLong(twice + i) | seen & word);
            Memory.putLong(odd + i, seen ^ word);
        }
        for (; i < bytes; i++) {
            int word = Memory.getByte(from + i);
            int seen = Memory.getByte(odd + i);
            Memory.putByte(twice + i, Memory.getByte(twice + i) | seen & word);
            Memory.putByte(odd + i, seen ^ word);
        }
    }
}
