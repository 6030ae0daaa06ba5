package io.nuthatch.demo;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// The figures of a measurement, by the names they have in every table and file.
enum Statistic {
    RECORDS_PER_SECOND("records/sec", "%,.0f", it -> it.records() / it.seconds()),
    TIME("time", "%.3f s", Measurement::seconds),
    IMPROVEMENT("improvement %", "%,.1f", it -> 100 * (it.speedup() - 1)),
    AVERAGE_TIME("avg time (ms)", "%.4f", Measurement::averageMs),
    CACHE_HITS("cache hits", "%,.0f", Measurement::hits),
    CACHE_MISSES("cache misses", "%,.0f", Measurement::misses),
    HIT_RATIO("hit ratio", "%.3f", Measurement::hitRatio),
    SPEEDUP("speedup", "%,.2f", Measurement::speedup),
    TOTAL_READS("total reads", "%,.0f", it -> it.hits() + it.misses()),
    TOTAL_WRITES("total writes", "%,.0f", Measurement::writes);

    final String label;
    private final String format;
    private final ToDoubleFunction<Measurement> figure;

    Statistic(String label, String format, ToDoubleFunction<Measurement> figure) {
        this.label = label;
        this.format = format;
        this.figure = figure;
    }

    double of(Measurement measurement) {
        return figure.applyAsDouble(measurement);
    }

    String text(Measurement measurement) {
        return String.format(Locale.ROOT, format, of(measurement));
    }
}
