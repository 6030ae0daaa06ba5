package io.nuthatch.bench;

import org.HdrHistogram.Histogram;

/// When keys are due to expire, and how late they were seen to be gone.
///
/// Key i has the deadline `firstMs + i % spreadMs`, in milliseconds of the wall clock. The server tells in
/// `expired_keys` how many are gone, not which. So the lateness is the horizontal distance of two curves, keys due
/// and keys gone, over time: the n-th key to go is held against the n-th deadline.
///
/// ```
///   keys   due ___/
///             _/  |<-->|  lateness of the n-th key
///    n ----- /    ___/ gone
///          _/  __/
///        /____/____________ time
/// ```
///
/// A key counts as gone when a sample shows it, so the figure is too high by up to the time between two samples.
record ExpirySchedule(long firstMs, int spreadMs, long keys) {
    /// An hour: lateness beyond is recorded as that.
    private static final long LATENESS_MICROS_MAX = 3_600_000_000L;

    /// The keys that are gone, seen at times that go up; adds each one's lateness to a histogram.
    final class Gone {
        private final Histogram latenessMicros = new Histogram(LATENESS_MICROS_MAX, 3);
        private long gone;
        private int dueMs;
        private long leftOfDueMs = deadlinesAt(0);
        private long early;

        /// @param total keys gone so far
        void sample(long wallMicros, long total) {
            while (gone < total && gone < keys) {
                if (leftOfDueMs == 0) {
                    dueMs++;
                    leftOfDueMs = deadlinesAt(dueMs);
                    continue;
                }
                long count = Math.min(leftOfDueMs, total - gone);
                record(wallMicros - (firstMs + dueMs) * 1000, count);
                leftOfDueMs -= count;
                gone += count;
            }
        }

        private void record(long lateMicros, long count) {
            if (lateMicros < 0) {
                early += count;
            }
            latenessMicros.recordValueWithCount(Math.clamp(lateMicros, 0, LATENESS_MICROS_MAX), count);
        }

        Histogram latenessMicros() {
            return latenessMicros;
        }

        long gone() {
            return gone;
        }

        /// How many went before they were due: none should.
        long early() {
            return early;
        }
    }

    /// How many keys have the deadline `firstMs + ms`.
    long deadlinesAt(int ms) {
        return keys / spreadMs + (ms < keys % spreadMs ? 1 : 0);
    }

    long lastMs() {
        return firstMs + spreadMs - 1;
    }

    /// The request that writes such a key with its deadline.
    String fill() {
        return "SET exp:{s} {v:64} PXAT {s:" + spreadMs + ":13:" + firstMs + "}";
    }
}
