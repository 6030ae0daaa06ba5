package io.nuthatch.engine;

/// How often something took how long, within 3% of each duration.
///
/// The idea is HdrHistogram's (Gil Tene): durations below 64 nanoseconds have a bucket each, and every doubling
/// from there on has 32 of equal width.
///
/// ```
///   bucket      0 … 63 | 64 … 95 | 96 … 127 | ...
///   width            1 |       2 |        4 | ...
///   durations   0 … 63 | 64…127  | 128…255  | ...            nanoseconds
/// ```
///
/// What takes longer than [#LONGEST_NANOS] is counted as that long.
///
/// Thread: written by one; read by anyone, a little late.
public final class Durations {
    /// The longest duration that is told from longer ones: 17 seconds.
    public static final long LONGEST_NANOS = (1L << 34) - 1;

    private static final int PARTS_BITS = 5;
    private static final int BUCKETS = bucketOf(LONGEST_NANOS) + 1;

    private final long[] counts = new long[BUCKETS];
    private long total;

    void add(long nanos) {
        counts[bucketOf(Math.clamp(nanos, 0, LONGEST_NANOS))]++;
        total++;
    }

    void add(Durations others) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += others.counts[i];
        }
        total += others.total;
    }

    private static int bucketOf(long nanos) {
        int shift = Math.max(0, Long.SIZE - PARTS_BITS - 1 - Long.numberOfLeadingZeros(nanos));
        return (shift << PARTS_BITS) + (int) (nanos >>> shift);
    }

    /// The longest duration that a bucket counts.
    private static long longestOf(int bucket) {
        int shift = Math.max(0, (bucket >>> PARTS_BITS) - 1);
        return ((long) bucket - ((long) shift << PARTS_BITS) + 1 << shift) - 1;
    }

    public long count() {
        return total;
    }

    /// How many took no longer than this; exact where `nanos + 1` is a power of two.
    public long countUpTo(long nanos) {
        long sum = 0;
        int last = bucketOf(Math.clamp(nanos, 0, LONGEST_NANOS));
        for (int i = 0; i <= last; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /// The duration that so many of a hundred did not exceed; 0 if there are none.
    public long percentileNanos(double percent) {
        long rank = Math.max(1, (long) Math.ceil(total * percent / 100));
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            sum += counts[i];
            if (sum >= rank) {
                return longestOf(i);
            }
        }
        return 0;
    }
}
