package io.nuthatch.server;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Persistence;
import io.nuthatch.engine.Setting;
import java.io.IOException;
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

/// `./nuthatch server [FILE.conf] [--directive value ...]`: serves until SHUTDOWN, SIGTERM or SIGINT, and ends
/// with exit code 0 after each of them, or with 1 if it cannot start.
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        synopsisHeading = "Usage: ",
        customSynopsis = "nuthatch server [FILE.conf] [--directive value ...]",
        description = {
            "",
            "Starts a server, on 127.0.0.1:6379 unless told otherwise. It keeps the data",
            "in memory and stays in the foreground until SHUTDOWN, SIGTERM or SIGINT.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Directives are Redis's. Those of the command line override those of the",
            "environment (NUTHATCH_MAXMEMORY_POLICY=allkeys-lru), and these those of the",
            "file. For instance:",
            "",
            "  nuthatch server --port 7000 --bind '*' --requirepass secret",
            "  nuthatch server --maxmemory 1gb --maxmemory-policy allkeys-lru",
            "  nuthatch server --port 0 --unixsocket /run/nuthatch.sock --unixsocketperm 770",
            "  nuthatch server /etc/redis/redis.conf --loglevel verbose --log-format json",
            "",
            "docs/configuration.md lists them all."
        })
final class ServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE.conf",
            hideParamSyntax = true,
            description = "A file of directives in redis.conf's form.")
    private List<String> words = List.of();

    @Override
    public Integer call() throws InterruptedException {
        try {
            serve(configured());
            return 0;
        } catch (IllegalArgumentException | IOException refused) {
            spec.commandLine().getErr().println("nuthatch: " + refused.getMessage());
            return 1;
        }
    }

    private Config configured() throws IOException {
        Config config = new Config();
        boolean hasFile = !words.isEmpty() && !words.getFirst().startsWith("--");
        List<Path> files = hasFile ? List.of(Path.of(words.getFirst())) : List.of();
        ConfigSources.read(config, files, System.getenv(), words.subList(files.size(), words.size()));
        Logs.follow(config);
        return config;
    }

    private static void serve(Config config) throws IOException, InterruptedException {
        warn(config);
        try (PidFile pidFile = PidFile.write(config);
                Server server = Server.start(config, Clock.SYSTEM)) {
            LOG.info("Nuthatch {} is ready", Main.version());
            Signals.handle("TERM", name -> endAtSignal(server, name, config.shutdownOnSigterm));
            Signals.handle("INT", name -> endAtSignal(server, name, config.shutdownOnSigint));
            Thread hook = new Thread(() -> endAtSignal(server, pidFile), "nuthatch-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            server.awaitShutdown();
            if (!server.isClosed()) {
                LOG.info("Nuthatch is shutting down");
            }
        }
    }

    /// Saves if it is to, and ends the server. One that cannot save goes on, unless it is told not to mind.
    private static void endAtSignal(Server server, String name, Setting.Shaped<List<String>> options) {
        LOG.info("SIG{} received", name);
        List<String> words = options.value();
        Persistence.AtEnd saving = words.contains("save")
                ? Persistence.AtEnd.SAVE
                : words.contains("nosave") ? Persistence.AtEnd.NO_SAVE : Persistence.AtEnd.IF_CONFIGURED;
        try {
            server.engine().persistence().saveAtEnd(saving);
        } catch (CommandError failed) {
            if (!words.contains("force")) {
                LOG.error("SIG{} does not end the server, for the data could not be saved", name);
                return;
            }
        }
        server.shutdown();
    }

    /// Runs when the JVM ends, whatever the reason. After a signal the server is still up: it is closed, and the
    /// exit code is 0 as for any other end that was asked for. (The JVM's own would be 143.)
    private static void endAtSignal(Server server, PidFile pidFile) {
        if (server.isClosed()) {
            return;
        }
        LOG.info("Nuthatch is shutting down");
        server.close();
        pidFile.close();
        Runtime.getRuntime().halt(0);
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
