package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Loads keys into Nuthatch, then reads and writes them, and reports how long the JVM stood still, by its own log.
@Command(name = "pauses", description = "How long garbage collection and safepoints stop Nuthatch.")
final class PausesCommand implements Runnable {
    private static final int PIPELINE = 16;
    private static final int LONGEST_SHOWN = 5;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--keys", description = "Keys to load. Default: ${DEFAULT-VALUE}")
    private long keys = 10_000_000;

    @Option(names = "--seconds", description = "Of mixed reads and writes afterwards. Default: ${DEFAULT-VALUE}")
    private double seconds = 30;

    @Option(names = "--clients", description = "Connections. Default: ${DEFAULT-VALUE}")
    private int clients = 50;

    @Option(names = "--jvm", description = "More flags for the server's JVM, before those that write the log")
    private String jvmFlags = "";

    /// One kind of standstill.
    record Row(String kind, int count, double totalMs, double maxMs, List<GcLog.Pause> longest) {
        static Row of(String kind, List<GcLog.Pause> pauses) {
            return new Row(
                    kind,
                    pauses.size(),
                    GcLog.totalMs(pauses),
                    GcLog.maxMs(pauses),
                    GcLog.longest(pauses, LONGEST_SHOWN));
        }
    }

    record Report(
            Machine machine,
            String version,
            long keys,
            long residentBytes,
            double runSeconds,
            Row collections,
            Row safepoints,
            Sample traffic) {}

    @Override
    public void run() {
        try {
            Path log = Files.createTempFile("nuthatch-gc-", ".txt");
            try {
                report(log);
            } finally {
                Files.delete(log);
            }
        } catch (IOException fault) {
            throw new BenchFailure("cannot use the log of the JVM", fault);
        }
    }

    private void report(Path log) throws IOException {
        String flags = jvmFlags + " -Xlog:gc*,safepoint:file=" + log + ":uptime,tags:filecount=0";
        Machine machine = Machine.here();
        try (ServerProcess server = servers.start(Servers.NUTHATCH, Map.of("NUTHATCH_OPTS", flags.trim()))) {
            long start = System.nanoTime();
            output.progress("loading %,d keys", keys);
            Workload mixed = Workload.named("mixed");
            LoadGenerator.fill(server.port(), mixed.fill(), keys, clients, PIPELINE);
            Sample traffic;
            try (LoadGenerator load =
                    LoadGenerator.start(LoadPlan.closedLoop(server.port(), mixed, keys, clients, PIPELINE))) {
                traffic = load.measure((long) (seconds * 1000), server.pid());
            }
            GcLog pauses = GcLog.parse(Files.readAllLines(log));
            Report report = new Report(
                    machine,
                    server.version(),
                    keys,
                    server.residentBytes(),
                    (System.nanoTime() - start) / 1e9,
                    Row.of("garbage collection", pauses.collections()),
                    Row.of("safepoints, those included", pauses.safepoints()),
                    traffic);
            print(report);
            output.write("pauses", report);
        }
    }

    private void print(Report report) {
        Table table = new Table("pauses", "count", "total ms", "longest ms", "share of the run");
        List<Row> rows = new ArrayList<>(List.of(report.collections, report.safepoints));
        for (Row row : rows) {
            table.row(
                    row.kind,
                    whole(row.count),
                    brief(row.totalMs),
                    brief(row.maxMs),
                    brief(row.totalMs / report.runSeconds / 10) + " %");
        }
        output.print(table);
        for (Row row : rows) {
            row.longest.forEach(pause -> output.print("- " + brief(pause.ms()) + " ms: " + pause.reason()));
        }
        output.print("\nThe client's slowest batch: " + whole(report.traffic.maxMicros()) + " us.");
    }
}
