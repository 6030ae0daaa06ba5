package io.nuthatch.commands;

import io.nuthatch.engine.CommandError;
import io.nuthatch.memory.Bytes;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Decimal numbers of INCRBYFLOAT and HINCRBYFLOAT. Redis reckons with 80-bit doubles and writes 17 digits after
/// the point; decimals of 21 digits give the same text wherever Redis's is exact, and no rounding dust where it
/// is not.
final class Decimals {
    private static final MathContext PRECISION = new MathContext(21, RoundingMode.HALF_EVEN);
    private static final int MAX_SCALE = 17;
    private static final int MAX_TEXT_BYTES = 256;

    /// The largest exponent of an 80-bit double, about: beyond it Redis sees infinity.
    private static final int MAX_EXPONENT = 4932;

    private Decimals() {}

    static BigDecimal parse(Bytes text) {
        if (text.isEmpty() || text.length() > MAX_TEXT_BYTES) {
            throw CommandError.NOT_A_FLOAT;
        }
        String number = text.toString();
        if (isInfinite(number)) {
            throw CommandError.NAN_OR_INFINITY;
        }
        try {
            BigDecimal value = new BigDecimal(number);
            if (value.precision() - value.scale() > MAX_EXPONENT) {
                throw CommandError.NOT_A_FLOAT;
            }
            return value.round(PRECISION);
        } catch (NumberFormatException notANumber) {
            throw CommandError.NOT_A_FLOAT;
        }
    }

    private static boolean isInfinite(String number) {
        return number.matches("(?i)[+-]?inf(inity)?");
    }

    static BigDecimal sum(BigDecimal a, BigDecimal b) {
        return a.add(b, PRECISION);
    }

    /// Plain notation, at most 17 digits after the point, no zeros at the end.
    static String text(BigDecimal value) {
        BigDecimal rounded = value.setScale(Math.min(value.scale(), MAX_SCALE), RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
