package io.nuthatch.demo;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a demo takes place, and how much of it there is.
final class Surroundings {
    private static final double QUICK_SHARE = 0.1;

    @Option(names = "--quick", description = "A tenth of everything: seconds instead of a minute.")
    boolean quick;

    @Option(names = "--share", hidden = true, description = "Which part of everything: for tests.")
    double share = 1;

    @Option(
            names = "--db",
            paramLabel = "jdbc:...",
            description =
                    "The database. Default: a SQLite file in a temporary folder. The demo makes a table of its own"
                            + " and drops it; the tables nuthatch_marks and nuthatch_dead_letters stay.")
    @Nullable
    String database;

    @Option(names = "--user", paramLabel = "NAME", description = "Who asks the database.")
    @Nullable
    String user;

    @Option(
            names = "--password",
            arity = "0..1",
            interactive = true,
            description = "The password; asked for when none follows.")
    @Nullable
    String password;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "The server of the tier below memory. Default: a Nuthatch in this process.")
    @Nullable
    String redis;

    /// So many, or as many as are asked for.
    int count(int full) {
        return (int) Math.max(1, full * (quick ? QUICK_SHARE : share));
    }
}
