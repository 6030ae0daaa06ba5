package io.nuthatch.commands;

import java.util.Locale;

/// A section of INFO as it is written: `# Title`, then `name:value` lines.
final class InfoText {
    private final StringBuilder text = new StringBuilder();

    InfoText(String title) {
        text.append("# ").append(title).append("\r\n");
    }

    InfoText field(String name, String value) {
        text.append(name).append(':').append(value).append("\r\n");
        return this;
    }

    InfoText field(String name, long value) {
        return field(name, Long.toString(value));
    }

    /// Two lines: the number, and the same for people.
    InfoText bytes(String name, long bytes) {
        return field(name, bytes).field(name + "_human", human(bytes));
    }

    InfoText decimals(String name, double value) {
        return field(name, String.format(Locale.ROOT, "%.2f", value));
    }

    InfoText percent(String name, double percent) {
        return field(name, String.format(Locale.ROOT, "%.2f%%", percent));
    }

    /// 0 if there is nothing to compare with.
    InfoText ratio(String name, long bytes, long toBytes) {
        return decimals(name, toBytes == 0 ? 0 : (double) bytes / toBytes);
    }

    InfoText seconds(String name, double seconds) {
        return field(name, String.format(Locale.ROOT, "%.6f", seconds));
    }

    /// `512B`, `1.50M`: in powers of 1024.
    static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.2f%c", bytes / (double) (1L << 10 * power), "KMGTPE".charAt(power - 1));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
