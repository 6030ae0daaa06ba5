package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Grows a server from nothing to many keys and reports the slowest single SET *inside the server*, as its SLOWLOG
/// has it: whether the index grows in small steps or stops for a while.
///
/// There is one connection by default, so that server and client have a core each: with more, what is seen is how
/// long the scheduler keeps a thread waiting. Even so an interrupt of a few milliseconds in the middle of a SET
/// counts as that SET's time, so slow commands that come once in a place are noise, and those that come again in
/// the next run at the same number of keys are the index.
@Command(name = "growth", description = "The slowest single SET inside the server while it grows.")
final class GrowthCommand implements Runnable {
    private static final int LOOK_MS = 500;
    private static final String FILL = "SET key:{s} {v:64}";
    private static final List<Long> LIMITS_MICROS = List.of(500L, 1_000L, 2_000L, 5_000L);
    private static final int SLOWEST_KEPT = 10;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--keys", description = "How far to grow. Default: ${DEFAULT-VALUE}")
    private long keys = 20_000_000;

    @Option(names = "--clients", description = "Connections. Default: ${DEFAULT-VALUE}")
    private int clients = 1;

    @Option(names = "--pipeline", description = "Requests a connection sends at once. Default: ${DEFAULT-VALUE}")
    private int pipeline = 16;

    @Option(
            names = "--slower-than",
            description = "Microseconds from which a SET is looked at. Default: ${DEFAULT-VALUE}")
    private long slowerThanMicros = 200;

    /// How many SETs took longer than a limit.
    record Over(long limitMicros, long count) {}

    /// @param slowest the slowest ones, with the key that says how many keys there were
    /// @param histogramUpToMicros the upper end of the highest class of LATENCY HISTOGRAM, a check on the slow log,
    ///     or 0 if the server has none
    record Row(
            String server,
            String version,
            long slowestMicros,
            List<Over> over,
            List<SlowLog.Entry> slowest,
            long entriesLost,
            long histogramUpToMicros,
            double clientMaxMicros,
            double setsPerSecond) {}

    record Report(Machine machine, long keys, int clients, int pipeline, List<Row> rows) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), keys, clients, pipeline, new ArrayList<>());
        for (String name : servers.names()) {
            try (ServerProcess server = servers.start(name)) {
                report.rows.add(grow(server));
            }
        }
        output.print(table(report.rows));
        output.write("growth", report);
    }

    private Row grow(ServerProcess server) {
        SlowLog slowLog = SlowLog.follow(server.client(), slowerThanMicros);
        List<SlowLog.Entry> slow = new ArrayList<>();
        LoadPlan plan = LoadPlan.closedLoop(server.port(), Workload.named(FILL), keys, clients, pipeline)
                .endingAfter(keys);
        long start = System.nanoTime();
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            load.startRecording();
            long shown = 0;
            while (load.isRunning()) {
                ServerProcess.pause(LOOK_MS);
                slowLog.look(slow::add);
                if (load.replies() >= shown + keys / 10) {
                    shown = load.replies();
                    output.progress("%s: %,d keys", server.name(), shown);
                }
            }
            load.await();
            double seconds = (System.nanoTime() - start) / 1e9;
            slowLog.look(slow::add);
            return row(server, slow, slowLog.lost(), load.latencies().getMaxValue() / 1e3, keys / seconds);
        }
    }

    private Row row(ServerProcess server, List<SlowLog.Entry> slow, long lost, double clientMax, double rate) {
        List<SlowLog.Entry> sets = slow.stream()
                .filter(entry -> entry.command().toUpperCase(Locale.ROOT).equals("SET"))
                .sorted((a, b) -> Long.compare(b.micros(), a.micros()))
                .toList();
        List<Over> over = LIMITS_MICROS.stream()
                .map(limit -> new Over(
                        limit,
                        sets.stream().filter(entry -> entry.micros() > limit).count()))
                .toList();
        return new Row(
                server.name(),
                server.version(),
                sets.isEmpty() ? 0 : sets.getFirst().micros(),
                over,
                sets.subList(0, Math.min(SLOWEST_KEPT, sets.size())),
                lost,
                histogramUpToMicros(server.client()),
                clientMax,
                rate);
    }

    /// The reply is a list of names and their properties; `histogram_usec` is a list of upper ends and counts up to
    /// there.
    private static long histogramUpToMicros(RespClient client) {
        if (!(client.tryCall("LATENCY", "HISTOGRAM", "set")
                        instanceof RespClient.Reply.Items(List<RespClient.Reply> all))
                || all.size() < 2) {
            return 0;
        }
        List<RespClient.Reply> properties = all.get(1).items();
        List<RespClient.Reply> classes = properties.getLast().items();
        return classes.size() < 2 ? 0 : classes.get(classes.size() - 2).number();
    }

    private Table table(List<Row> rows) {
        Table table = new Table(
                "server",
                "slowest SET, us",
                "at key",
                "over 0.5 ms",
                "over 1 ms",
                "over 2 ms",
                "over 5 ms",
                "histogram up to, us",
                "client's slowest, us",
                "SETs/s");
        for (Row row : rows) {
            table.row(
                    row.server,
                    row.slowestMicros == 0 ? "< " + slowerThanMicros : whole(row.slowestMicros),
                    row.slowest.isEmpty() ? "" : row.slowest.getFirst().word(),
                    whole(row.over.get(0).count),
                    whole(row.over.get(1).count),
                    whole(row.over.get(2).count),
                    whole(row.over.get(3).count),
                    whole(row.histogramUpToMicros),
                    brief(row.clientMaxMicros),
                    whole(row.setsPerSecond));
        }
        return table;
    }
}
