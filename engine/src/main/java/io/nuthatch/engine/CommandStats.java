package io.nuthatch.engine;

/// What one worker has counted of one command. Written by the worker's thread alone; read by anyone, a little
/// late.
public final class CommandStats {
    /// Durations are counted in powers of two of a microsecond: below 1, 2, 4 ... 2^31 us.
    public static final int BUCKETS = 32;

    long calls;
    long nanos;
    long rejected;
    long failed;
    final long[] histogram = new long[BUCKETS];

    void took(long durationNanos) {
        calls++;
        nanos += durationNanos;
        long micros = durationNanos / 1000;
        histogram[Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros))]++;
    }

    void add(CommandStats other) {
        calls += other.calls;
        nanos += other.nanos;
        rejected += other.rejected;
        failed += other.failed;
        for (int i = 0; i < BUCKETS; i++) {
            histogram[i] += other.histogram[i];
        }
    }

    public long calls() {
        return calls;
    }

    public long nanos() {
        return nanos;
    }

    /// Calls refused before they ran.
    public long rejected() {
        return rejected;
    }

    /// Calls that ended in an error.
    public long failed() {
        return failed;
    }

    /// How many calls took less than `2^bucket` microseconds, and not less than half of that.
    public long count(int bucket) {
        return histogram[bucket];
    }

    void clear() {
        calls = nanos = rejected = failed = 0;
        java.util.Arrays.fill(histogram, 0);
    }
}
