package io.nuthatch.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// How fast counters have risen of late: INFO's `instantaneous_*`. Every [#PERIOD_NANOS] a sample is taken; a rate
/// is the average of the last [#SAMPLES].
///
/// Thread: any; its own monitor guards it.
public final class Rates {
    /// Counters that only ever rise, but for CONFIG RESETSTAT.
    public enum Counter {
        COMMANDS,
        INPUT_BYTES,
        OUTPUT_BYTES,
        CYCLES,
        /// Time spent in cycles, in microseconds.
        CYCLE_MICROS
    }

    private static final long PERIOD_NANOS = 100_000_000;
    private static final int SAMPLES = 16;

    private final Map<Counter, Series> series = new EnumMap<>(Counter.class);
    private long sampledNanos;
    private int samples;

    private static final class Series {
        final double[] perSecond = new double[SAMPLES];
        long last;
    }

    /// Says what the counters are. Takes a sample if the last is old enough.
    synchronized void observe(long nanos, Map<Counter, Long> values) {
        long elapsed = nanos - sampledNanos;
        if (!series.isEmpty() && elapsed < PERIOD_NANOS) {
            return;
        }
        boolean first = series.isEmpty();
        for (Map.Entry<Counter, Long> each : values.entrySet()) {
            Series own = series.computeIfAbsent(each.getKey(), counter -> new Series());
            if (!first) {
                own.perSecond[samples % SAMPLES] = Math.max(0, each.getValue() - own.last) * 1e9 / elapsed;
            }
            own.last = each.getValue();
        }
        sampledNanos = nanos;
        samples += first ? 0 : 1;
    }

    boolean isDue(long nanos) {
        synchronized (this) {
            return series.isEmpty() || nanos - sampledNanos >= PERIOD_NANOS;
        }
    }

    /// The average over the last second and a half.
    public synchronized double perSecond(Counter counter) {
        double sum = 0;
        for (double each : Objects.requireNonNullElseGet(series.get(counter), Series::new).perSecond) {
            sum += each;
        }
        return sum / SAMPLES;
    }

    synchronized void clear() {
        series.clear();
        samples = 0;
    }
}
