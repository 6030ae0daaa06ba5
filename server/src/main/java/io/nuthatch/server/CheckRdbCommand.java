package io.nuthatch.server;

import io.nuthatch.persistence.RdbCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `./nuthatch check-rdb FILE`: says whether a snapshot is whole, and what is in it.
@Command(
        name = "check-rdb",
        mixinStandardHelpOptions = true,
        description = {
            "Reads a snapshot to its end, every value of it and the checksum, and says what it has.",
            "The exit code is 0 if it is whole, and 1 if it is not."
        })
final class CheckRdbCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "An RDB file, of Nuthatch's or of Redis's.")
    private Path file = Path.of("dump.rdb");

    @Override
    public Integer call() {
        try {
            RdbCheck.of(file).forEach(spec.commandLine().getOut()::println);
            return 0;
        } catch (IOException damaged) {
            spec.commandLine().getErr().println("nuthatch: " + damaged.getMessage());
            return 1;
        }
    }
}
