package io.nuthatch.demo;

import io.nuthatch.cache.ConfigurationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program behind `./nuthatch demo` and `./nuthatch analyze`.
@Command(
        name = "nuthatch",
        mixinStandardHelpOptions = true,
        description = "Shows and measures the caching library.",
        subcommands = {DemoMain.Demo.class, AnalyzeCommand.class})
public final class DemoMain implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "demo",
            mixinStandardHelpOptions = true,
            description = "Shows what a cache over a server and a database does.",
            subcommands = WriteThroughCommand.class)
    static final class Demo implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "Missing demo");
        }
    }

    /// Runs one command and ends the process with its exit code.
    public static void main(String... arguments) {
        System.exit(execute(arguments));
    }

    /// @return the exit code: 0, 1 if the database or the server cannot be used, 2 if the arguments are wrong
    static int execute(String... arguments) {
        return new CommandLine(new DemoMain())
                .setExecutionExceptionHandler((fault, commandLine, _) -> {
                    if (!(fault instanceof ConfigurationException)) {
                        throw fault;
                    }
                    commandLine.getErr().println("nuthatch: " + fault.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }
}
