package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What the append-only file costs while it is written, and how long a start takes that reads it, in both servers.
///
/// A server for each setting of `appendfsync`, and one without a log, run at the same time and are measured in turn, so
/// that a ratio is between two rounds that ran one after the other.
@Command(
        name = "log",
        description = "The append-only file: what it costs a SET, and how long a start with it takes, in both servers.")
final class LogCommand implements Runnable {
    private static final String NO_LOG = "none";

    /// What both servers understand. A rewrite would be measured with the rest.
    private static final String LOGGING = " --appendonly yes --auto-aof-rewrite-percentage 0 --appendfsync ";

    private static final List<String> SETTINGS = List.of(NO_LOG, "everysec", "no", "always");

    private static final int FILL_CLIENTS = 50;
    private static final int FILL_PIPELINE = 64;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Rounds rounds = new Rounds();

    @Option(names = "--keys", description = "Keys of 16 bytes with values of 64. Default: ${DEFAULT-VALUE}")
    private long keys = 1_000_000;

    @Option(
            names = "--logged",
            description = "SETs in the log after its base, for the start. Default: ${DEFAULT-VALUE}")
    private long logged = 200_000;

    @Option(names = "--pipeline", split = ",", description = "Requests a connection sends at once. Default: 1,16")
    private List<Integer> pipelines = List.of(1, 16);

    @Option(names = "--clients", description = "Connections. Default: ${DEFAULT-VALUE}")
    private int clients = 50;

    /// @param ofNone processor time of a SET, to that without a log
    record Cost(String server, String setting, int pipeline, List<Sample> samples, Spread ofNone) {}

    /// Seconds from the start of the process until it serves.
    ///
    /// @param empty without any data
    /// @param base with a base that has all keys
    /// @param baseAndLog with a log behind it
    /// @param logAlone with a log that has made all keys
    record Start(String server, Spread empty, Spread base, Spread baseAndLog, Spread logAlone) {}

    record Report(Machine machine, List<Cost> costs, List<Start> starts) {}

    /// A server with one of the settings, and the rounds of the load at hand.
    private record Contender(String setting, ServerProcess server, List<Sample> samples) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), new ArrayList<>(), new ArrayList<>());
        for (String name : servers.names()) {
            report.costs.addAll(costs(name));
            report.starts.add(starts(name));
        }
        output.print(costTable(report.costs));
        output.print(startTable(report.starts));
        output.write("log", report);
    }

    // ---- while it is written ----------------------------------------------------------------------------------

    private List<Cost> costs(String name) {
        List<Contender> contenders = new ArrayList<>();
        try {
            for (String setting : SETTINGS) {
                String flags = setting.equals(NO_LOG) ? "" : LOGGING + setting;
                contenders.add(new Contender(setting, servers.start(name, flags), new ArrayList<>()));
            }
            List<Cost> costs = new ArrayList<>();
            for (int pipeline : pipelines) {
                costs.addAll(costs(name, contenders, pipeline));
            }
            return costs;
        } finally {
            contenders.forEach(each -> each.server.close());
        }
    }

    private List<Cost> costs(String name, List<Contender> contenders, int pipeline) {
        for (Contender each : contenders) {
            each.samples.clear();
            measure(each.server, pipeline, rounds.warmupSeconds());
        }
        for (int round = 1; round <= rounds.count(); round++) {
            output.progress("%s, pipeline %d, round %d of %d", name, pipeline, round, rounds.count());
            for (Contender each : contenders) {
                each.samples.add(measure(each.server, pipeline, rounds.seconds()));
            }
        }
        List<Sample> ofNone = contenders.getFirst().samples;
        return contenders.stream()
                .map(each -> new Cost(
                        name,
                        each.setting,
                        pipeline,
                        List.copyOf(each.samples),
                        Spread.ofRatios(each.samples, ofNone, Sample::serverMicrosPerOp)))
                .toList();
    }

    private Sample measure(ServerProcess server, int pipeline, double forSeconds) {
        LoadPlan plan = LoadPlan.closedLoop(server.port(), Workload.named("set"), keys, clients, pipeline);
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            return load.measure((long) (forSeconds * 1000), server.pid());
        }
    }

    private static Table costTable(List<Cost> costs) {
        Table table = new Table("server", "appendfsync", "pipeline", "SETs a second", "CPU us a SET", "ratio to none");
        for (Cost cost : costs) {
            table.row(
                    cost.server,
                    cost.setting,
                    whole(cost.pipeline),
                    whole(Spread.of(cost.samples, Sample::opsPerSecond).median()),
                    brief(Spread.of(cost.samples, Sample::serverMicrosPerOp).median()),
                    cost.ofNone.toString());
        }
        return table;
    }

    // ---- when it is read --------------------------------------------------------------------------------------

    private Start starts(String name) {
        String logging = LOGGING + "everysec";
        Path data = folder();
        Path log = folder();
        try {
            Spread empty = startSeconds(name, "");
            output.progress("%s: a log that makes %,d keys", name, keys);
            write(name, logging + " --dir " + log, List.of(keys));
            Spread logAlone = startSeconds(name, logging + " --dir " + log);
            output.progress("%s: a base of %,d keys, and %,d SETs after it", name, keys, logged);
            write(name, logging + " --dir " + data, List.of(keys, 0L));
            Spread base = startSeconds(name, logging + " --dir " + data);
            write(name, logging + " --dir " + data, List.of(logged));
            return new Start(name, empty, base, startSeconds(name, logging + " --dir " + data), logAlone);
        } finally {
            delete(data);
            delete(log);
        }
    }

    /// Starts a server, has it log so many SETs, and ends it.
    ///
    /// @param counts of SETs; between two of them the log is rewritten
    private void write(String name, String flags, List<Long> counts) {
        try (ServerProcess server = servers.start(name, flags)) {
            for (int i = 0; i < counts.size(); i++) {
                if (i > 0) {
                    rewrite(server);
                }
                if (counts.get(i) > 0) {
                    String request = Workload.named("set").fill();
                    LoadGenerator.fill(server.port(), request, counts.get(i), FILL_CLIENTS, FILL_PIPELINE);
                }
            }
        }
    }

    private static void rewrite(ServerProcess server) {
        server.call("BGREWRITEAOF");
        while (server.infoNumber("persistence", "aof_rewrite_in_progress") != 0
                || server.infoNumber("persistence", "aof_rewrite_scheduled") != 0) {
            ServerProcess.pause(50);
        }
    }

    private Spread startSeconds(String name, String flags) {
        double[] taken = new double[rounds.count()];
        for (int i = 0; i < rounds.count(); i++) {
            long began = System.nanoTime();
            try (ServerProcess server = servers.start(name, flags)) {
                taken[i] = (System.nanoTime() - began) / 1e9;
                output.progress(
                        "%s: start %d of %d: %.2f s, %,d keys",
                        name, i + 1, rounds.count(), taken[i], server.keyCount());
            }
        }
        return Spread.of(taken);
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("nuthatch-bench-log-");
        } catch (IOException fault) {
            throw new BenchFailure("no folder for a log", fault);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private Table startTable(List<Start> starts) {
        Table table = new Table(
                "server",
                "start, s",
                "base of " + whole(keys) + " keys, s more",
                "and " + whole(logged) + " SETs, s more",
                "log of " + whole(keys) + " SETs, s more");
        for (Start start : starts) {
            double empty = start.empty.median();
            table.row(
                    start.server,
                    brief(empty),
                    brief(start.base.median() - empty),
                    brief(start.baseAndLog.median() - empty),
                    brief(start.logAlone.median() - empty));
        }
        return table;
    }
}
