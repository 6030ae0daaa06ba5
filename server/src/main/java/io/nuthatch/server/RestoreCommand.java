package io.nuthatch.server;

import io.nuthatch.persistence.AofRestore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./nuthatch restore --to TIME --dir DIR`: makes a log of how the data was at an earlier time.
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a log of how the data was at an earlier time, in a folder of its own.",
            "What is there stays as it is. It needs aof-timestamp-enabled, and to go",
            "back behind the last rewrite aof-disable-auto-gc: docs/durability.md."
        })
final class RestoreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "TIME",
            description = "Seconds since 1970, or as 2026-11-21T19:00:00Z.")
    private String time = "";

    @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The server's folder ('dir').")
    private Path dir = Path.of(".");

    @Option(
            names = "--into",
            paramLabel = "NEWDIR",
            description = "A folder for the server to start in; DIR/restored-TIME if not said.")
    private @Nullable Path into;

    @Option(names = "--appenddirname", paramLabel = "NAME", description = "As the server has it.")
    private String folderName = "appendonlydir";

    @Option(names = "--appendfilename", paramLabel = "NAME", description = "As the server has it.")
    private String fileName = "appendonly.aof";

    @Override
    public Integer call() {
        long second = second();
        Path target = into == null ? dir.resolve("restored-" + second) : into;
        try {
            AofRestore.restore(dir.resolve(folderName), fileName, second, target.resolve(folderName))
                    .forEach(spec.commandLine().getOut()::println);
            spec.commandLine().getOut().println("start it with: nuthatch server --appendonly yes --dir " + target);
            return 0;
        } catch (IOException refused) {
            spec.commandLine().getErr().println("nuthatch: " + refused.getMessage());
            return 1;
        }
    }

    private long second() {
        if (time.matches("[0-9]{1,18}")) {
            return Long.parseLong(time);
        }
        try {
            return Instant.parse(time).getEpochSecond();
        } catch (DateTimeException wrong) {
            throw new ParameterException(
                    spec.commandLine(), "--to is neither seconds since 1970 nor a time as 2026-11-21T19:00:00Z", wrong);
        }
    }
}
