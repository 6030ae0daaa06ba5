package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import org.jspecify.annotations.Nullable;

/// The name of a stream's entry: milliseconds since 1970, and a number among those of one millisecond. Both are
/// unsigned, and together they are the order of the stream.
public record StreamId(long ms, long seq) implements Comparable<StreamId> {
    public static final StreamId MIN = new StreamId(0, 0);
    public static final StreamId MAX = new StreamId(-1, -1);

    /// The most bytes that an ID takes as text.
    public static final int MAX_TEXT_BYTES = 41;

    /// Redis reads no longer ones.
    private static final int MAX_READ_BYTES = 127;

    /// The digits of 2^64, and the highest number that a further digit may follow.
    private static final long TENTH_OF_MOST = Long.divideUnsigned(-1, 10);

    private static final long LAST_DIGIT_OF_MOST = Long.remainderUnsigned(-1, 10);

    @Override
    public int compareTo(StreamId other) {
        return compare(ms, seq, other.ms, other.seq);
    }

    /// The order of two IDs.
    static int compare(long ms, long seq, long otherMs, long otherSeq) {
        return ms != otherMs ? Long.compareUnsigned(ms, otherMs) : Long.compareUnsigned(seq, otherSeq);
    }

    public boolean isBefore(StreamId other) {
        return compareTo(other) < 0;
    }

    public boolean isAfter(StreamId other) {
        return compareTo(other) > 0;
    }

    /// The lower one of two.
    StreamId min(StreamId other) {
        return isBefore(other) ? this : other;
    }

    /// The ID after this one; [#MIN] after the last.
    public StreamId next() {
        return seq == -1 ? new StreamId(ms + 1, 0) : new StreamId(ms, seq + 1);
    }

    /// The ID before this one; [#MAX] before the first.
    public StreamId previous() {
        return seq == 0 ? new StreamId(ms - 1, -1) : new StreamId(ms, seq - 1);
    }

    /// Reads `ms-seq`, or `ms` alone, as Redis does: each number as C's `strtoull` reads it, up to a zero byte.
    ///
    /// @param missingSeq stands for a part that is not there
    /// @return null if the bytes are no ID
    public static @Nullable StreamId parse(Bytes text, long missingSeq) {
        if (text.length() > MAX_READ_BYTES) {
            return null;
        }
        int end = indexOf(text, 0, 0);
        int dash = indexOf(text, '-', 0);
        boolean whole = dash < end;
        Number ms = Number.read(text, 0, whole ? dash : end);
        Number seq = whole ? Number.read(text, dash + 1, end) : new Number(true, missingSeq);
        return ms.valid && seq.valid ? new StreamId(ms.value, seq.value) : null;
    }

    /// Reads `ms-*`, and returns the milliseconds with the number 0; null if the bytes are anything else.
    public static @Nullable StreamId parseOpen(Bytes text) {
        int end = text.length() > MAX_READ_BYTES ? 0 : indexOf(text, 0, 0);
        if (end < 3 || text.byteAt(end - 1) != '*' || indexOf(text, '-', 0) != end - 2) {
            return null;
        }
        Number ms = Number.read(text, 0, end - 2);
        return ms.valid ? new StreamId(ms.value, 0) : null;
    }

    /// The place of a byte, or the length.
    private static int indexOf(Bytes text, int sought, int from) {
        int at = from;
        while (at < text.length() && text.byteAt(at) != sought) {
            at++;
        }
        return at;
    }

    private record Number(boolean valid, long value) {
        private static final Number NONE = new Number(false, 0);

        /// A number in its plain form, or else as freely as `strtoull`: after blanks and a sign, which may be
        /// minus and then counts down from 2^64, with leading zeros.
        static Number read(Bytes text, int from, int to) {
            if (Numbers.isLong(text.address() + from, to - from)) {
                long value = Numbers.parse(text.address() + from, to - from);
                return value < 0 ? NONE : new Number(true, value);
            }
            int at = from;
            while (at < to && isBlank(text.byteAt(at))) {
                at++;
            }
            boolean minus = at < to && text.byteAt(at) == '-';
            if (minus || at < to && text.byteAt(at) == '+') {
                at++;
            }
            return digits(text, at, to, minus);
        }

        private static Number digits(Bytes text, int from, int to, boolean minus) {
            long value = 0;
            for (int at = from; at < to; at++) {
                int digit = text.byteAt(at) - '0';
                if (digit < 0 || digit > 9 || wouldOverflow(value, digit)) {
                    return NONE;
                }
                value = value * 10 + digit;
            }
            return from == to ? NONE : new Number(true, minus ? -value : value);
        }

        private static boolean wouldOverflow(long value, int digit) {
            int more = Long.compareUnsigned(value, TENTH_OF_MOST);
            return more > 0 || more == 0 && digit > LAST_DIGIT_OF_MOST;
        }

        private static boolean isBlank(byte b) {
            return b == ' ' || b >= '\t' && b <= '\r';
        }
    }

    /// Writes `ms-seq`.
    ///
    /// @return how many bytes it took, at most [#MAX_TEXT_BYTES]
    public static int write(long ms, long seq, long address) {
        int length = writeUnsigned(ms, address);
        Memory.putByte(address + length++, '-');
        return length + writeUnsigned(seq, address + length);
    }

    private static int writeUnsigned(long value, long address) {
        if (value >= 0) {
            return Numbers.write(value, address);
        }
        int length = Numbers.write(Long.divideUnsigned(value, 10), address);
        Memory.putByte(address + length, (int) ('0' + Long.remainderUnsigned(value, 10)));
        return length + 1;
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(ms) + "-" + Long.toUnsignedString(seq);
    }
}
