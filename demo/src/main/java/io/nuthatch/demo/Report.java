package io.nuthatch.demo;

import io.nuthatch.demo.Experiments.Group;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What was measured, as tables and as JSON. The page is made by [Page].
record Report(String where, String java, int processors, List<Group> groups) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    static Report of(Workbench workbench, List<Group> groups) {
        return new Report(
                workbench.description(),
                Runtime.version().toString(),
                Runtime.getRuntime().availableProcessors(),
                groups);
    }

    // Tables for a terminal

    String tables() {
        StringBuilder out = new StringBuilder();
        for (Group group : groups) {
            out.append('\n').append(group.title()).append("\n\n");
            List<Row> whole = new ArrayList<>();
            List<Row> byTier = new ArrayList<>();
            for (Measurement measurement : group.measurements()) {
                whole.add(new Row(measurement.name(), measurement));
                measurement.tiers().forEach(tier -> byTier.add(new Row(measurement.name() + ": " + tier.name(), tier)));
            }
            out.append(table(whole)).append('\n').append(table(byTier));
        }
        return out.toString();
    }

    private record Row(String name, Measurement measurement) {}

    private static String table(List<Row> rows) {
        List<List<String>> cells = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        for (Statistic statistic : Statistic.values()) {
            head.add(statistic.label);
        }
        cells.add(head);
        for (Row row : rows) {
            List<String> line = new ArrayList<>(List.of(row.name()));
            for (Statistic statistic : Statistic.values()) {
                line.add(statistic.text(row.measurement()));
            }
            cells.add(line);
        }
        return aligned(cells);
    }

    private static String aligned(List<List<String>> cells) {
        int[] widths = new int[cells.getFirst().size()];
        cells.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        StringBuilder out = new StringBuilder();
        for (List<String> line : cells) {
            for (int i = 0; i < widths.length; i++) {
                String pad = " ".repeat(widths[i] - line.get(i).length());
                out.append(i == 0 ? line.get(i) + pad : "  " + pad + line.get(i));
            }
            out.append('\n');
        }
        return out.toString();
    }

    // JSON

    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("where", where);
        all.put("java", java);
        all.put("processors", processors);
        Map<String, Object> byGroup = new LinkedHashMap<>();
        groups.forEach(group -> byGroup.put(
                group.title(),
                group.measurements().stream().map(Report::figures).toList()));
        all.put("groups", byGroup);
        return JSON.writeValueAsString(all) + "\n";
    }

    private static Map<String, Object> figures(Measurement measurement) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("name", measurement.name());
        figures.put("users", measurement.users());
        for (Statistic statistic : Statistic.values()) {
            figures.put(statistic.label, statistic.of(measurement));
        }
        if (!measurement.tiers().isEmpty()) {
            figures.put(
                    "tiers", measurement.tiers().stream().map(Report::figures).toList());
        }
        return figures;
    }
}
