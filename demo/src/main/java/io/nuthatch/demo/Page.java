package io.nuthatch.demo;

import io.nuthatch.demo.Experiments.Group;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// A report as one HTML file: tables, and bars drawn in SVG. It needs nothing from a network, and no script.
final class Page {
    private static final int LABEL_WIDTH = 210;
    private static final int BAR_WIDTH = 520;
    private static final int BAR_HEIGHT = 22;
    private static final int BAR_STEP = 30;

    private static final String STYLE = """
            :root { color-scheme: light dark; }
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
            h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
            p { max-width: 46rem; } .where { opacity: .75; }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
            th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #8884; }
            th:first-child, td:first-child { text-align: left; }
            tr.tier td { opacity: .75; border-bottom: none; font-size: 90%; }
            tr.tier td:first-child { padding-left: 2rem; }
            svg { max-width: 100%; height: auto; } svg text { fill: currentColor; font-size: 13px; }
            svg rect { fill: #2a7f9e; } svg rect.first { fill: #8a8f94; }
            """;

    private final Report report;

    Page(Report report) {
        this.report = report;
    }

    String html() {
        StringBuilder out =
                new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        out.append("<title>Nuthatch: performance analysis</title>\n<style>\n").append(STYLE);
        out.append("</style>\n</head>\n<body>\n<h1>Performance analysis</h1>\n");
        String machine = report.where() + "; Java " + report.java() + ", " + report.processors() + " processors";
        out.append("<p class=\"where\">").append(escaped(machine)).append("</p>\n");
        report.groups().forEach(group -> append(out, group));
        return out.append("</body>\n</html>\n").toString();
    }

    private static void append(StringBuilder out, Group group) {
        out.append("<h2>").append(escaped(group.title())).append("</h2>\n<p>");
        out.append(escaped(group.explanation())).append("</p>\n");
        chart(out, group);
        out.append("<div class=\"wide\"><table>\n<tr><th></th>");
        for (Statistic statistic : Statistic.values()) {
            out.append("<th>").append(escaped(statistic.label)).append("</th>");
        }
        out.append("</tr>\n");
        for (Measurement measurement : group.measurements()) {
            row(out, "<tr>", measurement);
            measurement.tiers().forEach(tier -> row(out, "<tr class=\"tier\">", tier));
        }
        out.append("</table></div>\n");
    }

    private static void row(StringBuilder out, String tag, Measurement measurement) {
        out.append(tag).append("<td>").append(escaped(measurement.name())).append("</td>");
        for (Statistic statistic : Statistic.values()) {
            out.append("<td>").append(escaped(statistic.text(measurement))).append("</td>");
        }
        out.append("</tr>\n");
    }

    /// Records a second, as bars on a logarithmic scale that begins a power of ten below the least: what differs
    /// by a factor of a thousand can be seen side by side.
    private static void chart(StringBuilder out, Group group) {
        Statistic statistic = Statistic.RECORDS_PER_SECOND;
        List<Measurement> rows = group.measurements();
        double least = rows.stream().mapToDouble(statistic::of).min().orElse(1);
        double most = rows.stream()
                .max(Comparator.comparingDouble(statistic::of))
                .map(statistic::of)
                .orElse(1.0);
        double from = Math.floor(Math.log10(least)) - 1;
        double to = Math.log10(most);
        int height = rows.size() * BAR_STEP + 4;
        out.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"%s, %s, logarithmic\">%n",
                LABEL_WIDTH + BAR_WIDTH + 140,
                height,
                LABEL_WIDTH + BAR_WIDTH + 140,
                escaped(group.title()),
                statistic.label));
        for (int i = 0; i < rows.size(); i++) {
            double width = BAR_WIDTH * (Math.log10(statistic.of(rows.get(i))) - from) / (to - from);
            bar(out, rows.get(i), statistic, i * BAR_STEP, width);
        }
        out.append("</svg>\n<p class=\"where\">").append(statistic.label).append(", on a logarithmic scale</p>\n");
    }

    private static void bar(StringBuilder out, Measurement row, Statistic statistic, int top, double width) {
        int middle = top + BAR_HEIGHT / 2 + 5;
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                        + "<rect%s x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"3\"/>"
                        + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
                LABEL_WIDTH - 8,
                middle,
                escaped(row.name()),
                top == 0 ? " class=\"first\"" : "",
                LABEL_WIDTH,
                top,
                width,
                BAR_HEIGHT,
                LABEL_WIDTH + width + 8,
                middle,
                statistic.text(row)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
