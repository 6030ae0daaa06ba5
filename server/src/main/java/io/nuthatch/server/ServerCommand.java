package io.nuthatch.server;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `./nuthatch server [FILE.conf] [--directive value ...]`: serves until SHUTDOWN or SIGTERM.
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        description = "Starts a server. Directives are Redis's, as in --port 7000 --maxmemory 1gb.")
final class ServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..*",
            paramLabel = "[FILE.conf] [--directive value ...]",
            hideParamSyntax = true,
            description = "A file in redis.conf's form, then directives that override it.")
    private List<String> words = List.of();

    @Override
    public Integer call() throws InterruptedException {
        Config config = configured();
        Logs.follow(config);
        Server server = Server.start(config, Clock.SYSTEM);
        LOG.info("Nuthatch {} is ready", Main.version());
        Thread stopping = new Thread(server::close, "nuthatch-stop");
        Runtime.getRuntime().addShutdownHook(stopping);
        server.awaitShutdown();
        return 0;
    }

    private Config configured() {
        Config config = new Config();
        boolean hasFile = !words.isEmpty() && !words.getFirst().startsWith("--");
        List<Path> files = hasFile ? List.of(Path.of(words.getFirst())) : List.of();
        try {
            ConfigSources.read(config, files, System.getenv(), words.subList(files.size(), words.size()));
        } catch (IllegalArgumentException | IOException refused) {
            throw new ParameterException(spec.commandLine(), String.valueOf(refused.getMessage()), refused);
        }
        return config;
    }
}
