package io.nuthatch.memory;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/// Doubles as text. Most that are read have few digits: those are converted with one exact multiplication or
/// division (William Clinger, "How to Read Floating Point Numbers Accurately", 1990); the library does the rest.
final class DoubleText {
    /// Up to here every integer is a double.
    private static final long MOST_EXACT = 1L << 53;

    /// So many digits fit into a long, whatever they are.
    private static final int MOST_DIGITS = 18;

    /// The powers of ten that are doubles without an error.
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    /// Beyond it every number is infinite or zero.
    private static final int MOST_EXPONENT = 100_000;

    private DoubleText() {}

    // ---------------------------------------------------------------------------------------------- writing

    static String write(double value) {
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

    // ---------------------------------------------------------------------------------------------- reading

    static double read(long address, int length) {
        int from = signBytes(address, length);
        boolean negative = from == 1 && Memory.getByte(address) == '-';
        double magnitude = isWord(address, length)
                ? infinity(address + from, length - from)
                : isHexadecimal(address + from, length - from)
                        ? hexadecimal(address + from, length - from)
                        : decimal(address + from, length - from);
        return negative ? -magnitude : magnitude;
    }

    private static int signBytes(long address, int length) {
        return length > 0 && (byteAt(address, 0) == '-' || byteAt(address, 0) == '+') ? 1 : 0;
    }

    /// Whether the text is a word rather than digits.
    static boolean isWord(long address, int length) {
        int sign = signBytes(address, length);
        return length > sign && lower(address, sign) >= 'a';
    }

    private static double infinity(long address, int length) {
        Bytes word = new Bytes().set(address, length);
        return word.is("inf") || word.is("infinity") ? Double.POSITIVE_INFINITY : Double.NaN;
    }

    private static double decimal(long address, int length) {
        int whole = digitsEnd(address, 0, length);
        int point = whole < length && byteAt(address, whole) == '.' ? whole + 1 : whole;
        int fraction = point > whole ? digitsEnd(address, point, length) : whole;
        int digits = whole + fraction - point;
        boolean hasExponent = fraction < length && lower(address, fraction) == 'e';
        if (digits <= 0 || !hasExponent && fraction != length) {
            return Double.NaN;
        }
        if (hasExponent && !isExponent(address, fraction + 1, length)) {
            return Double.NaN;
        }
        if (digits <= MOST_DIGITS) {
            long mantissa = number(address, point, fraction, number(address, 0, whole, 0));
            int exponent = hasExponent ? exponent(address, fraction + 1, length) : 0;
            int power = exponent - (fraction - point);
            if (mantissa <= MOST_EXACT && Math.abs(power) < POWERS.length) {
                return power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
            }
        }
        return Double.parseDouble(text(address, length));
    }

    private static long number(long address, int from, int to, long before) {
        long number = before;
        for (int i = from; i < to; i++) {
            number = number * 10 + (byteAt(address, i) - '0');
        }
        return number;
    }

    private static boolean isExponent(long address, int from, int length) {
        int digits = from + signBytes(address + from, length - from);
        return digits < length && digitsEnd(address, digits, length) == length;
    }

    private static int exponent(long address, int from, int length) {
        int sign = signBytes(address + from, length - from);
        int exponent = 0;
        for (int i = from + sign; i < length && exponent < MOST_EXPONENT; i++) {
            exponent = exponent * 10 + (byteAt(address, i) - '0');
        }
        return sign == 1 && byteAt(address, from) == '-' ? -exponent : exponent;
    }

    private static int digitsEnd(long address, int from, int length) {
        int at = from;
        while (at < length && byteAt(address, at) >= '0' && byteAt(address, at) <= '9') {
            at++;
        }
        return at;
    }

    private static boolean isHexadecimal(long address, int length) {
        return length > 2 && byteAt(address, 0) == '0' && lower(address, 1) == 'x';
    }

    private static double hexadecimal(long address, int length) {
        String text = text(address, length);
        if (!text.matches("0[xX](\\p{XDigit}+\\.?\\p{XDigit}*|\\.\\p{XDigit}+)([pP][+-]?[0-9]+)?")) {
            return Double.NaN;
        }
        return Double.parseDouble(text.indexOf('p') < 0 && text.indexOf('P') < 0 ? text + "p0" : text);
    }

    /// Whether there is a digit other than 0 in front of the exponent, and of a zero byte.
    static boolean hasDigitBesidesZero(long address, int length) {
        int from = signBytes(address, length);
        boolean hexadecimal = isHexadecimal(address + from, length - from);
        for (int i = hexadecimal ? from + 2 : from; i < length; i++) {
            int letter = lower(address, i);
            if (byteAt(address, i) == 0 || letter == 'p' || letter == 'e' && !hexadecimal) {
                return false;
            }
            if (letter != '0' && Character.digit(letter, hexadecimal ? 16 : 10) > 0) {
                return true;
            }
        }
        return false;
    }

    private static String text(long address, int length) {
        return new String(new Bytes().set(address, length).toArray(), StandardCharsets.ISO_8859_1);
    }

    private static int byteAt(long address, int index) {
        return Memory.getByte(address + index);
    }

    private static int lower(long address, int index) {
        return byteAt(address, index) | 0x20;
    }
}
