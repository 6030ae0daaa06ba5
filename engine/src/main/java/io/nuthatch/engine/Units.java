package io.nuthatch.engine;

import java.util.Locale;

/// Sizes with Redis's units: `1k` is 1000 bytes, `1kb` 1024; likewise `m`, `mb`, `g`, `gb`; in any case. No number
/// at all is 0, as Redis has it.
public final class Units {
    private static final String NOT_A_SIZE = "argument must be a memory value";

    private Units() {}

    /// @throws IllegalArgumentException if the text is not a size
    public static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int digits = 0;
        while (digits < lower.length() && lower.charAt(digits) >= '0' && lower.charAt(digits) <= '9') {
            digits++;
        }
        long unit = unit(lower.substring(digits));
        if (digits == 0) {
            return 0;
        }
        try {
            return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), unit);
        } catch (NumberFormatException | ArithmeticException tooLarge) {
            throw new IllegalArgumentException(NOT_A_SIZE, tooLarge);
        }
    }

    private static long unit(String suffix) {
        return switch (suffix) {
            case "", "b" -> 1L;
            case "k" -> 1000L;
            case "kb" -> 1L << 10;
            case "m" -> 1000_000L;
            case "mb" -> 1L << 20;
            case "g" -> 1000_000_000L;
            case "gb" -> 1L << 30;
            default -> throw new IllegalArgumentException(NOT_A_SIZE);
        };
    }
}
