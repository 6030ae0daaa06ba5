package io.nuthatch.bench;

import picocli.CommandLine.Option;

/// Options of all commands that measure in rounds.
final class Rounds {
    @Option(names = "--seconds", description = "Measured in each round. Default: ${DEFAULT-VALUE}")
    private double seconds = 3;

    @Option(names = "--rounds", description = "Of each measurement. Default: ${DEFAULT-VALUE}")
    private int count = 5;

    @Option(names = "--warmup", description = "Seconds before the first round. Default: ${DEFAULT-VALUE}")
    private double warmupSeconds = 10;

    /// How many there are of each measurement.
    int count() {
        return count;
    }

    /// Of each round.
    double seconds() {
        return seconds;
    }

    /// Before the first round, so that the server's code is compiled.
    double warmupSeconds() {
        return warmupSeconds;
    }
}
