package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Sends commands that go over very much, one after another, while other clients ask for small keys: how long each
/// takes, and how long the others wait. Of these some are served by the same event loop, and wait until it is
/// done; the luckiest shows whether any lock was held so long.
///
/// A client that waits for the processor waits too, so there is a row for a command that does nothing.
@Command(name = "stalls", description = "How long others wait while a command goes over very much.")
final class StallsCommand implements Runnable {
    private static final int FILL_CLIENTS = 20;
    private static final int FILL_PIPELINE = 64;
    private static final int SMALL_KEYS = 1_000;
    private static final long QUIET_MS = 300;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--elements", description = "In each large collection, and keys. Default: ${DEFAULT-VALUE}")
    private long elements = 1_000_000;

    @Option(names = "--freed", description = "Members of the set that is deleted. Default: ${DEFAULT-VALUE}")
    private long freed = 10_000_000;

    @Option(names = "--probes", description = "Clients that ask for small keys meanwhile. Default: ${DEFAULT-VALUE}")
    private int probes = 4;

    /// What is done at once.
    ///
    /// @param fill sent for each of `count` elements before; empty for none
    private record Case(String name, String fill, long count, String... command) {}

    /// @param slowestGetMs what the others waited at most while it ran, and shortly after
    /// @param luckiestGetMs the same of the one that waited least
    record Row(String server, String command, double tookMs, double slowestGetMs, double luckiestGetMs) {}

    record Report(Machine machine, long elements, long freed, List<Row> rows) {}

    private List<Case> cases() {
        return List.of(
                new Case("PING", "", 0, "PING"),
                new Case("SMEMBERS", "SADD s member:{s}", elements, "SMEMBERS", "s"),
                new Case("ZUNIONSTORE of two", "ZADD z {s} member:{s}", elements, "ZUNIONSTORE", "d", "2", "z", "z"),
                new Case("DEL of a set", "SADD d1 member:{s}", freed, "DEL", "d1"),
                new Case("UNLINK of a set", "SADD d2 member:{s}", freed, "UNLINK", "d2"),
                new Case("KEYS", "SET key:{s} x", elements, "KEYS", "nothing*"),
                new Case("FLUSHALL", "", 0, "FLUSHALL"));
    }

    @Override
    public void run() {
        Report report = new Report(Machine.here(), elements, freed, new ArrayList<>());
        for (String name : servers.names()) {
            try (ServerProcess server = servers.start(name)) {
                LoadGenerator.fill(server.port(), "SET small:{s} x", SMALL_KEYS, 1, FILL_PIPELINE);
                for (Case each : cases()) {
                    report.rows.add(measure(name, server.port(), each));
                }
            }
        }
        output.print(table(report.rows));
        output.write("stalls", report);
    }

    private Row measure(String name, int port, Case each) {
        output.progress("%s: %s", name, each.name);
        if (!each.fill.isEmpty()) {
            LoadGenerator.fill(port, each.fill, each.count, FILL_CLIENTS, FILL_PIPELINE);
        }
        AtomicBoolean stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(probes);
                RespClient client = RespClient.connect(port)) {
            List<Future<Long>> slowest = new ArrayList<>();
            for (int i = 0; i < probes; i++) {
                slowest.add(threads.submit(() -> slowestGetNs(port, stop)));
            }
            TimeUnit.MILLISECONDS.sleep(QUIET_MS);
            long start = System.nanoTime();
            client.call(each.command);
            double tookMs = (System.nanoTime() - start) / 1e6;
            TimeUnit.MILLISECONDS.sleep(QUIET_MS);
            stop.set(true);
            long slowestNs = 0;
            long luckiestNs = Long.MAX_VALUE;
            for (Future<Long> probe : slowest) {
                slowestNs = Math.max(slowestNs, probe.get());
                luckiestNs = Math.min(luckiestNs, probe.get());
            }
            return new Row(name, each.name + ", " + whole(each.count), tookMs, slowestNs / 1e6, luckiestNs / 1e6);
        } catch (Exception fault) {
            throw new BenchFailure("cannot measure " + each.name, fault);
        }
    }

    private static long slowestGetNs(int port, AtomicBoolean stop) throws IOException {
        long slowestNs = 0;
        Random random = new Random();
        try (RespClient client = RespClient.connect(port)) {
            while (!stop.get()) {
                String key = "small:%012d".formatted(random.nextInt(SMALL_KEYS));
                long start = System.nanoTime();
                client.call("GET", key);
                slowestNs = Math.max(slowestNs, System.nanoTime() - start);
            }
        }
        return slowestNs;
    }

    private static Table table(List<Row> rows) {
        Table table = new Table("command", "server", "took ms", "slowest GET of others, ms", "of the luckiest, ms");
        for (Row row : rows) {
            table.row(row.command, row.server, brief(row.tookMs), brief(row.slowestGetMs), brief(row.luckiestGetMs));
        }
        return table;
    }
}
