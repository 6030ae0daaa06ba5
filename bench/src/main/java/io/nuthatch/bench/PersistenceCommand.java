package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Saves and loads snapshots with both servers in turn: how long each takes, what it costs the processor, and what a
/// save does to clients that write meanwhile.
@Command(
        name = "persistence",
        description = "BGSAVE and loading of a snapshot, and what clients feel of a save, in both servers.")
final class PersistenceCommand implements Runnable {
    private static final int FILL_CLIENTS = 50;
    private static final int FILL_PIPELINE = 64;
    private static final int PIPELINE = 1;
    private static final int POLL_MS = 5;

    /// How long clients are watched: once to warm up, once alone, once during saves.
    private static final long WINDOW_MS = 4000;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--keys", description = "Keys of 16 bytes with values of 64. Default: ${DEFAULT-VALUE}")
    private long keys = 5_000_000;

    @Option(names = "--rounds", description = "How often each is done. Default: ${DEFAULT-VALUE}")
    private int rounds = 3;

    @Option(names = "--clients", description = "Clients that write during a save. Default: ${DEFAULT-VALUE}")
    private int clients = 50;

    /// @param cpuSeconds of the server and its children
    record Timing(double seconds, double cpuSeconds) {}

    /// Clients that write, without a save and during one.
    ///
    /// @param peakBytes what the save took in memory at most, by the server's own account; of redis, what was copied
    record Burden(Sample alone, Sample during, long peakBytes) {}

    record Side(String server, List<Timing> saves, List<Timing> loads, Burden burden, long usedBytes, long keys) {}

    record Report(Machine machine, List<Side> sides) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), new ArrayList<>());
        for (String name : servers.names()) {
            report.sides.add(measure(name));
        }
        output.print(table(report.sides));
        output.write("persistence", report);
    }

    private Side measure(String name) {
        try (ServerProcess server = servers.start(name)) {
            output.progress("%s: filling with %,d keys", name, keys);
            Workload set = Workload.named("set");
            LoadGenerator.fillAndSettle(server.port(), set.fill(), keys, FILL_CLIENTS, FILL_PIPELINE);
            List<Timing> saves = new ArrayList<>();
            List<Timing> loads = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                output.progress("%s: round %d", name, round + 1);
                saves.add(time(server, () -> save(server)));
                loads.add(time(server, () -> server.call("DEBUG", "RELOAD", "NOSAVE")));
            }
            Burden burden = burden(server, set);
            return new Side(name, saves, loads, burden, server.infoNumber("memory", "used_memory"), server.keyCount());
        }
    }

    private static Timing time(ServerProcess server, Runnable work) {
        ProcessTime before = ProcessTime.of(server.pid());
        long began = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Timing(seconds, ProcessTime.of(server.pid()).secondsSince(before));
    }

    private static void save(ServerProcess server) {
        server.call("BGSAVE");
        awaitSave(server);
    }

    private static void awaitSave(ServerProcess server) {
        while (server.infoNumber("persistence", "rdb_bgsave_in_progress") != 0) {
            ServerProcess.pause(POLL_MS);
        }
    }

    /// One save follows another as long as the clients are watched.
    private Burden burden(ServerProcess server, Workload set) {
        output.progress("with clients that write");
        LoadPlan plan = LoadPlan.closedLoop(server.port(), set, keys, clients, PIPELINE);
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            load.measure(WINDOW_MS, server.pid());
            Sample alone = load.measure(WINDOW_MS, server.pid());
            Thread saver = new Thread(() -> saveFor(server, WINDOW_MS));
            saver.start();
            Sample during = load.measure(WINDOW_MS, server.pid());
            join(saver);
            return new Burden(alone, during, server.infoNumber("persistence", "rdb_last_cow_size"));
        }
    }

    private static void saveFor(ServerProcess server, long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        while (System.nanoTime() < end) {
            save(server);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", interrupted);
        }
    }

    private static double least(List<Timing> timings, ToDoubleFunction<Timing> figure) {
        return timings.stream().mapToDouble(figure).min().orElse(0);
    }

    private static Table table(List<Side> sides) {
        Table table = new Table(
                "server",
                "keys",
                "BGSAVE, s",
                "its CPU, s",
                "load, s",
                "its CPU, s",
                "p99 alone, us",
                "p99 during a save, us",
                "longest during a save, us",
                "memory of a save, % of the data");
        for (Side side : sides) {
            table.row(
                    side.server,
                    whole(side.keys),
                    brief(least(side.saves, Timing::seconds)),
                    brief(least(side.saves, Timing::cpuSeconds)),
                    brief(least(side.loads, Timing::seconds)),
                    brief(least(side.loads, Timing::cpuSeconds)),
                    whole(side.burden.alone.p99Micros()),
                    whole(side.burden.during.p99Micros()),
                    whole(side.burden.during.maxMicros()),
                    brief(100.0 * side.burden.peakBytes / Math.max(1, side.usedBytes)));
        }
        return table;
    }
}
