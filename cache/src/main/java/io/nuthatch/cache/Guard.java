package io.nuthatch.cache;

import java.time.Duration;

/// How much patience a cache has with a tier.
///
/// @param timeout how long a call may take
/// @param failures after how many failures in a row the tier is left alone
/// @param pause for how long; it doubles with each trial that fails, up to 32 times
public record Guard(Duration timeout, int failures, Duration pause) {
    /// Half a second for a call; five failures, a second's pause.
    public static final Guard DEFAULT = new Guard(Duration.ofMillis(500), 5, Duration.ofSeconds(1));

    /// Refuses what makes no sense.
    public Guard {
        if (timeout.toMillis() < 1) {
            throw new ConfigurationException(
                    "timeout",
                    "must be a millisecond or more, was " + timeout,
                    "write .timeout(Duration.ofMillis(500))");
        }
        if (failures < 1) {
            throw new ConfigurationException(
                    "failures",
                    "must be 1 or more, was " + failures,
                    "5 leaves a tier alone after five failures in a row");
        }
        if (pause.toMillis() < 1) {
            throw new ConfigurationException(
                    "pause", "must be a millisecond or more, was " + pause, "write .pause(Duration.ofSeconds(1))");
        }
    }

    /// The same with another timeout.
    public Guard timeout(Duration timeout) {
        return new Guard(timeout, failures, pause);
    }

    /// The same with another number of failures.
    public Guard failures(int failures) {
        return new Guard(timeout, failures, pause);
    }

    /// The same with another pause.
    public Guard pause(Duration pause) {
        return new Guard(timeout, failures, pause);
    }
}
