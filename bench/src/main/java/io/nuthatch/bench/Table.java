package io.nuthatch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A table in Markdown, padded so that it can be read as it is: the first column to the left, all others to the
/// right.
final class Table {
    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        this.head = List.of(head);
    }

    void row(String... cells) {
        if (cells.length != head.size()) {
            throw new IllegalArgumentException("cells=" + cells.length + ", columns=" + head.size());
        }
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        int[] widths = new int[head.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    head.get(i).length(),
                    rows.stream()
                            .mapToInt(row -> row.get(column).length())
                            .max()
                            .orElse(0));
        }
        StringBuilder out = new StringBuilder();
        line(out, head, widths);
        for (int i = 0; i < widths.length; i++) {
            out.append(i == 0 ? "|" + "-".repeat(widths[0] + 2) : "|" + "-".repeat(widths[i] + 1) + ":");
        }
        out.append("|\n");
        rows.forEach(row -> line(out, row, widths));
        return out.toString();
    }

    private static void line(StringBuilder out, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String pad = " ".repeat(widths[i] - cells.get(i).length());
            out.append("| ")
                    .append(i == 0 ? cells.get(i) + pad : pad + cells.get(i))
                    .append(' ');
        }
        out.append("|\n");
    }

    /// A whole number, in groups of three digits.
    static String whole(double number) {
        return whole(Math.round(number));
    }

    static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// A number with three digits that count.
    static String brief(double number) {
        return String.format(Locale.ROOT, number >= 100 ? "%.0f" : number >= 10 ? "%.1f" : "%.2f", number);
    }
}
