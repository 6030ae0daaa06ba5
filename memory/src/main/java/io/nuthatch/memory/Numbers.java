package io.nuthatch.memory;

import java.math.BigDecimal;

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

    /// A double in the fewest digits that read back as the same number: `3`, `0.1`, `1e+20`, `inf`, `-inf`,
    /// `nan`.
    ///
    /// Plain notation where it is short, as in Redis 7.2 and later.
    public static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int digits = exact.precision();
        int scale = -exact.scale();
        int exponent = Math.abs(scale + digits - 1);
        boolean plain = scale >= 0 ? exponent < digits + 7 : scale > -7 || exponent < 4;
        return plain ? exact.toPlainString() : scientific(exact, digits, scale + digits - 1);
    }

    private static String scientific(BigDecimal exact, int digits, int exponent) {
        String all = exact.unscaledValue().abs().toString();
        return (exact.signum() < 0 ? "-" : "")
                + all.charAt(0)
                + (digits > 1 ? "." + all.substring(1) : "")
                + (exponent < 0 ? "e-" : "e+")
                + Math.abs(exponent);
    }
}
