package io.nuthatch.cache;

/// Numbers that grow with time and never stand still: microseconds since 1970, or one more than the last.
///
/// One thread at a time.
final class VersionClock {
    /// How many there are to a millisecond.
    static final long PER_MS = 1_000;

    private final Time time;
    private long last;

    /// @param last the greatest that was given out before
    VersionClock(Time time, long last) {
        this.time = time;
        this.last = last;
    }

    long next() {
        last = Math.max(last + 1, time.nowMs() * PER_MS);
        return last;
    }
}
