package io.nuthatch.engine;

import java.util.Locale;

/// Sizes with Redis's units: `1k` is 1000 bytes, `1kb` 1024; likewise `m`, `mb`, `g`, `gb`; in any case.
public final class Units {
    private Units() {}

    /// @throws IllegalArgumentException if the text is not a size
    public static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int digits = 0;
        while (digits < lower.length()
                && (Character.isDigit(lower.charAt(digits)) || digits == 0 && lower.charAt(0) == '-')) {
            digits++;
        }
        long unit = switch (lower.substring(digits)) {
            case "", "b" -> 1L;
            case "k" -> 1000L;
            case "kb" -> 1L << 10;
            case "m" -> 1000_000L;
            case "mb" -> 1L << 20;
            case "g" -> 1000_000_000L;
            case "gb" -> 1L << 30;
            default -> throw new IllegalArgumentException("argument must be a memory value");
        };
        try {
            return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), unit);
        } catch (NumberFormatException | ArithmeticException notANumber) {
            throw new IllegalArgumentException("argument must be a memory value", notANumber);
        }
    }
}
