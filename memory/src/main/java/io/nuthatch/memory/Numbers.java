package io.nuthatch.memory;

/// Numbers as text, the way Redis reads and writes them.
public final class Numbers {
    /// The most digits, with a sign, that a `long` takes.
    public static final int MAX_LONG_DIGITS = 20;

    private Numbers() {}

    /// How many characters a number takes in decimal, with its sign.
    public static int digits(long value) {
        if (value < 0) {
            return value == Long.MIN_VALUE ? MAX_LONG_DIGITS : 1 + digits(-value);
        }
        int digits = 1;
        for (long power = 10; digits < 19 && value >= power; power *= 10) {
            digits++;
        }
        return digits;
    }

    /// Writes a number in decimal.
    ///
    /// @return how many bytes it took, at most [#MAX_LONG_DIGITS]
    public static int write(long value, long address) {
        int length = digits(value);
        long at = address + length;
        // Works on the negative side, where every long has room.
        long rest = value < 0 ? value : -value;
        do {
            Memory.putByte(--at, (int) ('0' - rest % 10));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            Memory.putByte(--at, '-');
        }
        return length;
    }

    /// Whether the bytes are a number in the one form that [#write] gives it: no plus sign, no leading zero, no
    /// blank. Only then can the number stand for the bytes.
    public static boolean isLong(long address, int length) {
        if (length == 0 || length > MAX_LONG_DIGITS) {
            return false;
        }
        int first = Memory.getByte(address);
        int sign = first == '-' ? 1 : 0;
        if (length == sign) {
            return false;
        }
        int lead = Memory.getByte(address + sign);
        if (lead == '0') {
            return length == 1;
        }
        if (lead < '1' || lead > '9') {
            return false;
        }
        for (int i = sign + 1; i < length; i++) {
            int digit = Memory.getByte(address + i);
            if (digit < '0' || digit > '9') {
                return false;
            }
        }
        return length - sign < 19 || fits(address, length, sign);
    }

    private static boolean fits(long address, int length, int sign) {
        if (length - sign > 19) {
            return false;
        }
        long value = magnitude(address, length, sign);
        // As an unsigned number it cannot have wrapped: nineteen digits are below 2^64.
        return Long.compareUnsigned(value, sign == 1 ? Long.MIN_VALUE : Long.MAX_VALUE) <= 0;
    }

    /// The number that the bytes are; [#isLong] has said that they are one.
    public static long parse(long address, int length) {
        int sign = Memory.getByte(address) == '-' ? 1 : 0;
        long value = magnitude(address, length, sign);
        return sign == 1 ? -value : value;
    }

    private static long magnitude(long address, int length, int from) {
        long value = 0;
        for (int i = from; i < length; i++) {
            value = value * 10 + (Memory.getByte(address + i) - '0');
        }
        return value;
    }

    /// The most bytes that a double's text takes.
    public static final int MAX_DOUBLE_BYTES = 32;

    /// Up to here Redis writes a double without a fraction as it writes an integer.
    private static final double MAX_PLAIN_INTEGER = 1L << 52;

    /// Whether a double is written as the integer that it is.
    public static boolean isPlainInteger(double value) {
        return value == (long) value && Math.abs(value) <= MAX_PLAIN_INTEGER && (value != 0 || 1 / value > 0);
    }

    /// A double in the fewest digits that read back as the same number: `3`, `0.1`, `1e+20`, `inf`, `-inf`,
    /// `nan`.
    ///
    /// Plain notation where it is short, as in Redis 7.2 and later.
    public static String text(double value) {
        if (isPlainInteger(value)) {
            return Long.toString((long) value);
        }
        return DoubleText.write(value);
    }

    /// Writes [#text].
    ///
    /// @return how many bytes it took, at most [#MAX_DOUBLE_BYTES]
    public static int write(double value, long address) {
        if (isPlainInteger(value)) {
            return write((long) value, address);
        }
        String text = DoubleText.write(value);
        for (int i = 0; i < text.length(); i++) {
            Memory.putByte(address + i, text.charAt(i));
        }
        return text.length();
    }

    /// A double as C's `strtod` reads it: decimal or hexadecimal, with or without an exponent, or `inf`; NaN if the
    /// bytes are nothing of that kind to the last. What is too large becomes infinite, what is too small zero.
    public static double parseDouble(long address, int length) {
        return DoubleText.read(address, length);
    }

    /// The same as freely as Redis reads some numbers with `strtod`: after blanks, up to a zero byte, and nothing is 0.
    public static double parseDoubleAsC(long address, int length) {
        int end = 0;
        while (end < length && Memory.getByte(address + end) != 0) {
            end++;
        }
        int begin = 0;
        while (begin < end && isBlank(Memory.getByte(address + begin))) {
            begin++;
        }
        return end == 0 ? 0 : parseDouble(address + begin, end - begin);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    /// Whether [#parseDouble] made the value infinite or zero only because the text is beyond the range of doubles.
    public static boolean isOutOfRange(double value, long address, int length) {
        return Double.isInfinite(value) && !DoubleText.isWord(address, length)
                || value == 0 && DoubleText.hasDigitBesidesZero(address, length);
    }
}
