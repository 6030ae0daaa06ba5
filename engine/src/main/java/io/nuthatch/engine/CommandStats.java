package io.nuthatch.engine;

import org.jspecify.annotations.Nullable;

/// What one worker has counted of one command. Written by the worker's thread alone; read by anyone, a little
/// late.
public final class CommandStats {
    long calls;
    long nanos;
    long rejected;
    long failed;

    /// Made with the first call: most commands are never called.
    private @Nullable Durations durations;

    /// @param tracked whether to remember how long this call took, beyond the sum (`latency-tracking`)
    void took(long durationNanos, boolean tracked) {
        calls++;
        nanos += durationNanos;
        if (tracked) {
            own().add(durationNanos);
        }
    }

    private Durations own() {
        Durations mine = durations;
        if (mine == null) {
            durations = mine = new Durations();
        }
        return mine;
    }

    void add(CommandStats other) {
        calls += other.calls;
        nanos += other.nanos;
        rejected += other.rejected;
        failed += other.failed;
        Durations others = other.durations;
        if (others != null) {
            own().add(others);
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

    /// Whether anything was counted.
    public boolean isEmpty() {
        return calls + rejected + failed == 0;
    }

    /// How long the calls took that were tracked, or null if none was.
    public @Nullable Durations durations() {
        return durations;
    }

    void clear() {
        calls = nanos = rejected = failed = 0;
        durations = null;
    }
}
