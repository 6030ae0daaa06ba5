package io.nuthatch.commands;

import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Decimal numbers of INCRBYFLOAT, HINCRBYFLOAT and INCREX: the 80-bit floating point of x86, which Redis reckons
/// with, so that the sums have Redis's digits.
///
/// ```
///   number = mantissa x 2^exponent, the mantissa an integer of 64 bits, rounded half to even
/// ```
///
/// A number is the [BigDecimal] that is exactly its value; that every binary fraction has one is what makes this
/// short. Text is read in decimal or hexadecimal, as C's `strtold` reads it, and written in plain decimal with at
/// most 17 digits after the point, as `%.17Lf` writes it, less the zeros at the end.
///
/// From [#INFINITY] on a number is infinite. What is smaller than the smallest normal number keeps all 64 bits here,
/// but the seventeen digits do not show it.
final class Decimals {
    /// The first power of two that is too large.
    static final BigDecimal INFINITY;

    /// The largest number that is not infinite.
    static final BigDecimal LARGEST;

    private static final int MANTISSA_BITS = 64;
    private static final int INFINITY_EXPONENT = 16_384;

    /// What is not above this power of two is nothing: half the smallest number there is.
    private static final int NOTHING_EXPONENT = -16_446;

    private static final BigDecimal NOTHING;

    static {
        INFINITY = scaled(BigInteger.ONE, INFINITY_EXPONENT);
        BigInteger ones = BigInteger.TWO.pow(MANTISSA_BITS).subtract(BigInteger.ONE);
        LARGEST = scaled(ones, INFINITY_EXPONENT - MANTISSA_BITS);
        NOTHING = scaled(BigInteger.ONE, NOTHING_EXPONENT);
    }

    private static final int MAX_SCALE = 17;

    /// Redis's room for a number's text.
    private static final int MAX_TEXT_BYTES = 5 * 1024 - 1;

    /// What has a larger exponent in decimal is infinite, or nothing. It bounds the work on a few hostile bytes.
    private static final int MAX_EXPONENT = 5_000;

    private static final int MAX_BINARY_EXPONENT = 16_500;

    private static final Pattern INFINITE = Pattern.compile("(?i)([+-]?)inf(inity)?");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("([+-]?)0[xX](\\p{XDigit}*)(?:\\.(\\p{XDigit}*))?(?:[pP]([+-]?\\d+))?");

    private Decimals() {}

    static BigDecimal parse(Bytes text) {
        return parse(text, CommandError.NOT_A_FLOAT);
    }

    static BigDecimal parse(Bytes text, CommandError otherwise) {
        if (text.isEmpty() || text.length() > MAX_TEXT_BYTES) {
            throw otherwise;
        }
        String number = new String(text.toArray(), StandardCharsets.ISO_8859_1);
        Matcher infinite = INFINITE.matcher(number);
        if (infinite.matches()) {
            return infinite.group(1).equals("-") ? INFINITY.negate() : INFINITY;
        }
        BigDecimal value = DECIMAL.matcher(number).matches() ? decimal(number) : hexadecimal(number);
        if (value == null || isInfinite(value) || isLost(value)) {
            throw otherwise;
        }
        return value;
    }

    /// Whether a number is so small that there is nothing left of it, which Redis refuses.
    private static boolean isLost(BigDecimal value) {
        return value.signum() != 0 && value.abs().compareTo(NOTHING) <= 0;
    }

    private static @Nullable BigDecimal decimal(String number) {
        try {
            BigDecimal exact = new BigDecimal(number);
            long exponent = (long) exact.precision() - exact.scale();
            return exact.signum() != 0 && Math.abs(exponent) > MAX_EXPONENT ? null : rounded(exact);
        } catch (NumberFormatException exponentTooLong) {
            return null;
        }
    }

    private static @Nullable BigDecimal hexadecimal(String number) {
        Matcher parts = HEXADECIMAL.matcher(number);
        if (!parts.matches()) {
            return null;
        }
        String fraction = parts.group(3) == null ? "" : parts.group(3);
        String digits = parts.group(2) + fraction;
        if (digits.isEmpty()) {
            return null;
        }
        BigInteger mantissa = new BigInteger(digits, 16);
        long exponent = binaryExponent(parts.group(4)) - 4L * fraction.length();
        if (mantissa.signum() == 0) {
            return BigDecimal.ZERO;
        }
        if (Math.abs(exponent + mantissa.bitLength()) > MAX_BINARY_EXPONENT) {
            return null;
        }
        BigDecimal value = rounded(scaled(mantissa, (int) exponent));
        return parts.group(1).equals("-") ? value.negate() : value;
    }

    private static long binaryExponent(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        return text.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(text);
    }

    static boolean isInfinite(BigDecimal value) {
        return value.abs().compareTo(INFINITY) >= 0;
    }

    /// May be infinite.
    static BigDecimal sum(BigDecimal a, BigDecimal b) {
        return rounded(a.add(b));
    }

    /// The nearest number of 64 bits of mantissa.
    private static BigDecimal rounded(BigDecimal exact) {
        if (exact.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger unscaled = exact.unscaledValue().abs();
        BigInteger numerator = exact.scale() >= 0 ? unscaled : unscaled.multiply(BigInteger.TEN.pow(-exact.scale()));
        BigInteger denominator = exact.scale() > 0 ? BigInteger.TEN.pow(exact.scale()) : BigInteger.ONE;
        // Scaled so that the quotient has 66 or 67 bits: the mantissa's, and some to round by.
        int shift = MANTISSA_BITS + 2 - (numerator.bitLength() - denominator.bitLength());
        BigInteger[] division = shift >= 0
                ? numerator.shiftLeft(shift).divideAndRemainder(denominator)
                : numerator.divideAndRemainder(denominator.shiftLeft(-shift));
        BigDecimal value = scaled(roundedMantissa(division[0], division[1].signum() != 0), -shift);
        return exact.signum() < 0 ? value.negate() : value;
    }

    /// Keeps the first 64 bits, rounded half to even.
    ///
    /// @param more whether bits that are not zero follow the ones given
    private static BigInteger roundedMantissa(BigInteger bits, boolean more) {
        int surplus = bits.bitLength() - MANTISSA_BITS;
        BigInteger kept = bits.shiftRight(surplus);
        boolean half = bits.testBit(surplus - 1);
        boolean beyondHalf = more || bits.getLowestSetBit() < surplus - 1;
        boolean up = half && (beyondHalf || kept.testBit(0));
        return (up ? kept.add(BigInteger.ONE) : kept).shiftLeft(surplus);
    }

    /// `mantissa` times two to the `exponent`, exactly.
    private static BigDecimal scaled(BigInteger mantissa, int exponent) {
        int zeros = mantissa.getLowestSetBit();
        BigInteger odd = mantissa.shiftRight(zeros);
        int power = exponent + zeros;
        // Half a number is five times it, a place further right.
        return power >= 0
                ? new BigDecimal(odd.shiftLeft(power))
                : new BigDecimal(odd.multiply(BigInteger.valueOf(5).pow(-power)), -power);
    }

    /// Plain notation, at most 17 digits after the point, no zeros at the end.
    static String text(BigDecimal value) {
        BigDecimal rounded = value.setScale(Math.min(value.scale(), MAX_SCALE), RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
