package io.nuthatch.server;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
        Config config = new Config();
        try {
            configure(config);
        } catch (IllegalArgumentException refused) {
            spec.commandLine().getErr().println("nuthatch: " + refused.getMessage());
            return 1;
        }
        Logs.follow(config);
        warn(config);
        Server server = Server.start(config, Clock.SYSTEM);
        LOG.info("Nuthatch {} is ready", Main.version());
        Thread stopping = new Thread(server::close, "nuthatch-stop");
        Runtime.getRuntime().addShutdownHook(stopping);
        server.awaitShutdown();
        return 0;
    }

    private void configure(Config config) {
        boolean hasFile = !words.isEmpty() && !words.getFirst().startsWith("--");
        List<Path> files = hasFile ? List.of(Path.of(words.getFirst())) : List.of();
        ConfigSources.read(config, files, System.getenv(), words.subList(files.size(), words.size()));
    }

    /// Names the directives that have been given a value and do nothing with it.
    private static void warn(Config config) {
        String idle = config.all().stream()
                .filter(setting -> setting.effect() != Setting.Effect.ACTS && setting.isChanged())
                .collect(Collectors.groupingBy(
                        ServerCommand::why, TreeMap::new, Collectors.mapping(Setting::name, Collectors.joining(", "))))
                .entrySet()
                .stream()
                .map(group -> group.getValue() + " (" + group.getKey() + ")")
                .collect(Collectors.joining("; "));
        if (!idle.isEmpty()) {
            LOG.warn("directives without effect: {}", idle);
        }
    }

    private static String why(Setting setting) {
        return setting.effect() == Setting.Effect.WAITS ? "there is no " + setting.reason() + " yet" : setting.reason();
    }
}
