package io.nuthatch.server;

import io.nuthatch.persistence.AofCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `./nuthatch check-aof [--fix] [--truncate-to-timestamp T] MANIFEST`: says whether a log is whole.
@Command(
        name = "check-aof",
        mixinStandardHelpOptions = true,
        description = {
            "Reads all files of a log, runs nothing, and says whether they are whole.",
            "The exit code is 0 if they are, or have been made so, and 1 if they are not."
        })
final class CheckAofCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--fix", description = "Cuts off the end of the last file from where it is not whole.")
    private boolean fix;

    @Option(
            names = "--truncate-to-timestamp",
            paramLabel = "T",
            description = "Cuts off what was done after this second since 1970.")
    private @Nullable Long second;

    @Parameters(paramLabel = "MANIFEST", description = "The manifest of a log, or a file of commands by itself.")
    private Path file = Path.of("appendonly.aof.manifest");

    @Override
    public Integer call() {
        try {
            AofCheck.Outcome outcome = AofCheck.of(file, action(), second == null ? Long.MAX_VALUE : second);
            outcome.lines().forEach(spec.commandLine().getOut()::println);
            return outcome.whole() ? 0 : 1;
        } catch (IOException refused) {
            spec.commandLine().getErr().println("nuthatch: " + refused.getMessage());
            return 1;
        }
    }

    private AofCheck.Action action() {
        if (second != null) {
            return AofCheck.Action.TRUNCATE;
        }
        return fix ? AofCheck.Action.FIX : AofCheck.Action.NOTHING;
    }
}
