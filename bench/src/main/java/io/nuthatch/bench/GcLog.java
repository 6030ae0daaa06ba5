package io.nuthatch.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The pauses in a log of the JVM's unified logging, as `-Xlog:gc*,safepoint:file=...` writes it. Two kinds of
/// lines matter, whatever their decorations:
///
/// ```
/// GC(7) Pause Young (Normal) (G1 Evacuation Pause) 38M->12M(64M) 1.873ms
/// Safepoint "G1CollectForAllocation", Time since last: 81 ns, Reaching safepoint: 9 ns, ..., Total: 1901234 ns
/// ```
///
/// The first is what the collector says of its own work (ZGC's lines have `Y:` or `O:` before `Pause`), the second
/// how long all of the program's threads stood still, the way there and back included, for any reason.
///
/// @param collections the collector's pauses
/// @param safepoints every standstill, those of the collections among them
record GcLog(List<Pause> collections, List<Pause> safepoints) {
    private static final Pattern COLLECTION = Pattern.compile("GC\\(\\d+\\) (?:[A-Za-z]: )?(Pause .*) ([0-9.]+)ms$");
    private static final Pattern SAFEPOINT = Pattern.compile("Safepoint \"([^\"]+)\".* Total: +(\\d+) ns$");

    record Pause(String reason, double ms) {}

    static GcLog parse(List<String> lines) {
        GcLog log = new GcLog(new ArrayList<>(), new ArrayList<>());
        for (String line : lines) {
            Matcher collection = COLLECTION.matcher(line);
            Matcher safepoint = SAFEPOINT.matcher(line);
            if (collection.find()) {
                log.collections.add(new Pause(collection.group(1), Double.parseDouble(collection.group(2))));
            } else if (safepoint.find()) {
                log.safepoints.add(new Pause(safepoint.group(1), Long.parseLong(safepoint.group(2)) / 1e6));
            }
        }
        return log;
    }

    static double maxMs(List<Pause> pauses) {
        return pauses.stream().mapToDouble(Pause::ms).max().orElse(0);
    }

    static double totalMs(List<Pause> pauses) {
        return pauses.stream().mapToDouble(Pause::ms).sum();
    }

    static List<Pause> longest(List<Pause> pauses, int count) {
        return pauses.stream()
                .sorted(Comparator.comparingDouble(Pause::ms).reversed())
                .limit(count)
                .toList();
    }
}
