package io.nuthatch.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/// The two servers of a run and how each is started, as options that all sub-commands share.
final class Servers {
    static final String REDIS = "redis";
    static final String NUTHATCH = "nuthatch";

    @Option(
            names = "--redis",
            paramLabel = "COMMAND",
            description = "How redis is started; {port} is filled in. Default: ${DEFAULT-VALUE}")
    private String redis =
            "redis-server --port {port} --bind 127.0.0.1 --save \"\" --appendonly no" + " --enable-debug-command local";

    @Option(
            names = "--nuthatch",
            paramLabel = "COMMAND",
            description = "How Nuthatch is started, likewise. Default: ${DEFAULT-VALUE}")
    private String nuthatch = launcher() + " server --port {port} --save \"\" --enable-debug-command local";

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "NAME",
            description = "Which of the two to run, where one is enough. Default: redis,nuthatch")
    private List<String> names = List.of(REDIS, NUTHATCH);

    /// The names of those that the user wants to run.
    List<String> names() {
        return names;
    }

    ServerProcess start(String name) {
        return start(name, Map.of());
    }

    /// @param flags behind the command, each with a blank in front; where one is said twice, the last counts
    ServerProcess start(String name, String flags) {
        return ServerProcess.start(name, command(name) + flags, Map.of());
    }

    /// @param environment variables for the server, beside this program's own
    ServerProcess start(String name, Map<String, String> environment) {
        return ServerProcess.start(name, command(name), environment);
    }

    String command(String name) {
        return switch (name) {
            case REDIS -> redis;
            case NUTHATCH -> nuthatch;
            default -> throw new BenchFailure("no server \"" + name + "\"; there are redis and nuthatch");
        };
    }

    /// The launcher script: in `nuthatch.home` if the launcher itself said so, else in the first folder upwards
    /// that has one.
    private static Path launcher() {
        Path folder = Path.of(System.getProperty("nuthatch.home", "")).toAbsolutePath();
        for (Path at = folder; at != null; at = at.getParent()) {
            Path script = at.resolve("nuthatch");
            if (Files.isRegularFile(script)) {
                return script;
            }
        }
        return Path.of("./nuthatch");
    }
}
