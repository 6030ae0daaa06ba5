package io.nuthatch.commands;

import io.nuthatch.engine.LatencyEvents;
import java.util.List;

/// The samples of an event as a picture made of letters: a column for each, as high as it took long, and below how
/// long ago it was.
///
/// ```
///   command - high 40 ms, low 12 ms (all time high 40 ms)
///   --------------------------------------------------------------------------------
///    #
///    |
///   _|_
///
///   210
///   sss
/// ```
final class LatencyGraph {
    private static final int COLUMNS = 80;
    private static final int ROWS = 4;

    private LatencyGraph() {}

    static String of(LatencyEvents.Series series, long nowSeconds) {
        List<LatencyEvents.Sample> all = series.samples();
        List<LatencyEvents.Sample> shown = all.subList(Math.max(0, all.size() - COLUMNS), all.size());
        long high = shown.stream().mapToLong(LatencyEvents.Sample::ms).max().orElse(0);
        long low = shown.stream().mapToLong(LatencyEvents.Sample::ms).min().orElse(0);
        StringBuilder text = new StringBuilder("%s - high %d ms, low %d ms (all time high %d ms)\n%s\n"
                .formatted(series.event(), high, low, series.worstMs(), "-".repeat(COLUMNS)));
        for (int row = ROWS - 1; row >= 0; row--) {
            for (LatencyEvents.Sample sample : shown) {
                text.append(letter(level(sample.ms(), low, high), row));
            }
            text.append('\n');
        }
        text.append('\n');
        List<String> ages = shown.stream()
                .map(sample -> age(Math.max(0, nowSeconds - sample.wallSeconds())))
                .toList();
        for (int row = 0; ages.stream().mapToInt(String::length).max().orElse(0) > row; row++) {
            for (String age : ages) {
                text.append(row < age.length() ? age.charAt(row) : ' ');
            }
            text.append('\n');
        }
        return text.toString();
    }

    /// How high a column is, from 0 for the lowest to twice the rows, less one, for the highest.
    private static int level(long ms, long low, long high) {
        int most = 2 * ROWS - 1;
        return high == low ? most : Math.toIntExact((ms - low) * most / (high - low));
    }

    private static char letter(int level, int row) {
        int top = level / 2;
        if (row < top) {
            return '|';
        }
        if (row > top) {
            return ' ';
        }
        return level % 2 == 1 ? '#' : '_';
    }

    private static String age(long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
