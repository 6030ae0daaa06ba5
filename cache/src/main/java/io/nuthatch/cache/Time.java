package io.nuthatch.cache;

import java.time.Duration;

/// Where a cache takes the time from, and who wakes it up. Tests use a [ManualTime].
public interface Time {
    /// Milliseconds since 1970. Called on every hit: it must cost a few nanoseconds and may lag by some
    /// milliseconds.
    long nowMs();

    /// Runs a task once, when the delay has passed. The task is short and does not wait: it holds up the others.
    Timer after(Duration delay, Runnable task);

    /// The time of the machine.
    static Time system() {
        return SystemTime.get();
    }

    /// A task that waits for its time.
    interface Timer {
        /// Forgets the task; does nothing when it already runs.
        void cancel();
    }
}
