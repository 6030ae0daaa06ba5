package io.nuthatch.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The program behind `./nuthatch`: reads the command line and hands over to one of its commands.
@Command(
        name = "nuthatch",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "A Redis-compatible in-memory data server.",
        subcommands = {
            ServerCommand.class,
            CheckRdbCommand.class,
            CheckAofCommand.class,
            RestoreCommand.class,
            RehearseCommand.class
        },
        footer = {
            "",
            "In the source tree, ./nuthatch bench measures Nuthatch side by side with redis,",
            "./nuthatch demo and ./nuthatch analyze show and measure the caching library.",
            "NUTHATCH_JAVA_HOME names the JDK to use, NUTHATCH_OPTS adds flags for the JVM."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /// Runs one command and ends the process with its exit code.
    public static void main(String... arguments) {
        System.exit(execute(arguments));
    }

    /// Runs one command.
    ///
    /// @return the exit code
    static int execute(String... arguments) {
        return new CommandLine(new Main())
                .setExpandAtFiles(false)
                .setUnmatchedOptionsArePositionalParams(true)
                .setStopAtPositional(true)
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /// Nuthatch's version, which the build writes into the module.
    static String version() {
        return io.nuthatch.engine.Version.NUTHATCH;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "Nuthatch " + version(), "Java ${java.version} (${java.vm.name}), ${os.name} ${os.arch}"
            };
        }
    }
}
