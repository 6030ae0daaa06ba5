package io.nuthatch.server;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `./nuthatch server [FILE.conf] [--directive value ...]`: serves until SHUTDOWN or SIGTERM.
@Command(name = "server", description = "Starts a server. Directives are Redis's, as in --port 7000 --maxmemory 1gb.")
final class ServerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..1", paramLabel = "FILE.conf", description = "A configuration file in redis.conf's form.")
    private List<Path> files = List.of();

    @Unmatched
    private List<String> directives = List.of();

    @Override
    public Integer call() throws InterruptedException {
        Config config = configured();
        Server server = Server.start(config, Clock.SYSTEM);
        Thread stopping = new Thread(server::close, "nuthatch-stop");
        Runtime.getRuntime().addShutdownHook(stopping);
        server.awaitShutdown();
        return 0;
    }

    private Config configured() {
        Config config = new Config();
        try {
            ConfigSources.read(config, files, System.getenv(), directives);
        } catch (IllegalArgumentException | IOException refused) {
            throw new ParameterException(spec.commandLine(), String.valueOf(refused.getMessage()), refused);
        }
        return config;
    }
}
