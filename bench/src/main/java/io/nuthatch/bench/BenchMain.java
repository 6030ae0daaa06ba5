package io.nuthatch.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program behind `./nuthatch bench`.
@Command(
        name = "nuthatch bench",
        mixinStandardHelpOptions = true,
        description = "Measures Nuthatch side by side with redis. docs/benchmarks.md says what the figures mean.",
        subcommands = {
            CompareCommand.class,
            MemoryCommand.class,
            GrowthCommand.class,
            ExpiryCommand.class,
            PausesCommand.class,
            StallsCommand.class,
            RanksCommand.class,
            PersistenceCommand.class,
            LogCommand.class,
            HitRatioCommand.class,
            HandOverCommand.class,
            ConnectionsCommand.class,
            PublishCommand.class,
            TrackingCommand.class,
            CachesCommand.class,
            WorkloadsCommand.class
        })
public final class BenchMain implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /// @return the exit code: 0, 1 if a benchmark could not go on, 2 if the arguments are wrong
    static int run(String... arguments) {
        CommandLine jmh = new CommandLine(new JmhCommand()).setUnmatchedOptionsArePositionalParams(true);
        CommandLine commandLine = new CommandLine(new BenchMain()).addSubcommand(jmh);
        commandLine
                .getSubcommands()
                .values()
                .forEach(sub -> sub.getCommandSpec().mixinStandardHelpOptions(true));
        commandLine.setExecutionExceptionHandler((fault, _, _) -> {
            if (!(fault instanceof BenchFailure)) {
                throw fault;
            }
            System.err.println(fault.getMessage());
            return 1;
        });
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        return commandLine.execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing sub-command");
    }
}
