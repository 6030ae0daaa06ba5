package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Many keys whose deadlines are spread over a minute, other traffic meanwhile, and how long after its deadline a
/// key is really gone. The other traffic, an open loop, reads and writes keys of its own, so no key goes because it
/// was asked for.
///
/// There are two ways to see keys go. `--watch info` reads `expired_keys` every few milliseconds ([ExpirySchedule]
/// says what that means). `--watch events` subscribes to the server's keyspace events and holds each key against
/// its own deadline; that is exact, but costs the server an event for each key.
@Command(name = "expiry", description = "How late keys expire under load.")
final class ExpiryCommand implements Runnable {
    private static final int FILL_CLIENTS = 50;
    private static final int FILL_PIPELINE = 64;
    private static final long TRAFFIC_KEYS = 100_000;
    private static final int GIVE_UP_MS = 60_000;
    private static final int BEFORE_FIRST_MS = 500;

    enum Watch {
        INFO,
        EVENTS
    }

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--keys", description = "Keys that expire. Default: ${DEFAULT-VALUE}")
    private long keys = 10_000_000;

    @Option(names = "--spread", description = "Seconds over which their deadlines lie. Default: ${DEFAULT-VALUE}")
    private int spreadSeconds = 60;

    @Option(
            names = "--fill-seconds",
            description = "Time for filling, before the first deadline. Default: ${DEFAULT-VALUE}")
    private int fillSeconds = 60;

    @Option(names = "--rate", description = "Other requests a second. Default: ${DEFAULT-VALUE}")
    private long rate = 50_000;

    @Option(names = "--clients", description = "Connections for them. Default: ${DEFAULT-VALUE}")
    private int clients = 50;

    @Option(names = "--watch", description = "info or events. Default: ${DEFAULT-VALUE}")
    private Watch watch = Watch.INFO;

    @Option(names = "--sample-ms", description = "How often INFO is read. Default: ${DEFAULT-VALUE}")
    private int sampleMs = 5;

    /// @param gone keys that were seen to expire; fewer than all if the server was still not done a minute after
    ///     the last deadline
    /// @param early of those, the ones seen before they were due
    /// @param traffic the other requests meanwhile
    record Row(
            String server,
            String version,
            long gone,
            long early,
            double p50Ms,
            double p99Ms,
            double p999Ms,
            double maxMs,
            Sample traffic) {}

    record Report(Machine machine, long keys, int spreadSeconds, long rate, Watch watch, List<Row> rows) {}

    /// Something that sees keys go.
    private interface Watcher {
        /// Looks once.
        ///
        /// @return whether all keys are gone
        boolean look();

        Histogram latenessMicros();

        long gone();

        long early();
    }

    @Override
    public void run() {
        Report report = new Report(Machine.here(), keys, spreadSeconds, rate, watch, new ArrayList<>());
        for (String name : servers.names()) {
            try (ServerProcess server = servers.start(name)) {
                report.rows.add(measure(server));
            }
        }
        output.print(table(report.rows));
        output.write("expiry", report);
    }

    private Row measure(ServerProcess server) {
        Workload traffic = new Workload(
                "traffic",
                "SET hot:{s} {v:64}",
                TRAFFIC_KEYS,
                List.of(new Workload.Part(1, "GET hot:{r}"), new Workload.Part(1, "SET hot:{r} {v:64}")));
        LoadGenerator.fill(server.port(), traffic.fill(), TRAFFIC_KEYS, FILL_CLIENTS, FILL_PIPELINE);
        ExpirySchedule schedule =
                new ExpirySchedule(System.currentTimeMillis() + fillSeconds * 1000L, spreadSeconds * 1000, keys);
        output.progress("%s: filling with %s", server.name(), schedule.fill());
        LoadGenerator.fill(server.port(), schedule.fill(), keys, FILL_CLIENTS, FILL_PIPELINE);
        long leftMs = schedule.firstMs() - System.currentTimeMillis();
        if (leftMs < BEFORE_FIRST_MS) {
            throw new BenchFailure(
                    "filling took too long by " + (BEFORE_FIRST_MS - leftMs) + " ms; raise --fill-seconds");
        }
        ServerProcess.pause(leftMs - BEFORE_FIRST_MS);
        output.progress("%s: filled; now they expire", server.name());
        return watched(server, schedule, traffic);
    }

    private Row watched(ServerProcess server, ExpirySchedule schedule, Workload traffic) {
        LoadPlan plan = LoadPlan.closedLoop(server.port(), traffic, TRAFFIC_KEYS, clients, 1)
                .atPace(rate);
        Watcher watcher =
                watch == Watch.INFO ? new InfoWatcher(server, schedule, sampleMs) : new EventWatcher(server, schedule);
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            LoadGenerator.Window window = load.open(server.pid());
            long deadline = schedule.lastMs() + GIVE_UP_MS;
            boolean done = false;
            while (!done && System.currentTimeMillis() < deadline) {
                done = watcher.look();
            }
            return row(server, watcher, window.close());
        }
    }

    private static Row row(ServerProcess server, Watcher watcher, Sample traffic) {
        Histogram lateness = watcher.latenessMicros();
        return new Row(
                server.name(),
                server.version(),
                watcher.gone(),
                watcher.early(),
                lateness.getValueAtPercentile(50) / 1e3,
                lateness.getValueAtPercentile(99) / 1e3,
                lateness.getValueAtPercentile(99.9) / 1e3,
                lateness.getMaxValue() / 1e3,
                traffic);
    }

    private static long wallMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    private static final class InfoWatcher implements Watcher {
        private final ServerProcess server;
        private final ExpirySchedule.Gone gone;
        private final long keys;
        private final int sampleMs;
        private final long before;

        InfoWatcher(ServerProcess server, ExpirySchedule schedule, int sampleMs) {
            this.server = server;
            this.sampleMs = sampleMs;
            gone = schedule.new Gone();
            keys = schedule.keys();
            before = server.infoNumber("stats", "expired_keys");
        }

        @Override
        public boolean look() {
            ServerProcess.pause(sampleMs);
            long expired = server.infoNumber("stats", "expired_keys") - before;
            gone.sample(wallMicros(), expired);
            return expired >= keys;
        }

        @Override
        public Histogram latenessMicros() {
            return gone.latenessMicros();
        }

        @Override
        public long gone() {
            return gone.gone();
        }

        @Override
        public long early() {
            return gone.early();
        }
    }

    private static final class EventWatcher implements Watcher {
        private static final String CHANNEL = "__keyevent@0__:expired";

        private final RespClient subscriber;
        private final ExpirySchedule schedule;
        private final Histogram latenessMicros = new Histogram(3);
        private long early;

        EventWatcher(ServerProcess server, ExpirySchedule schedule) {
            this.schedule = schedule;
            server.client().call("CONFIG", "SET", "notify-keyspace-events", "Ex");
            subscriber = server.anotherClient();
            subscriber.call("SUBSCRIBE", CHANNEL);
        }

        @Override
        public boolean look() {
            String key = subscriber.receive().items().getLast().text();
            long index = Long.parseLong(key.substring(key.indexOf(':') + 1));
            long dueMs = schedule.firstMs() + index % schedule.spreadMs();
            long lateMicros = wallMicros() - dueMs * 1000;
            if (lateMicros < 0) {
                early++;
            }
            latenessMicros.recordValue(Math.max(0, lateMicros));
            return latenessMicros.getTotalCount() == schedule.keys();
        }

        @Override
        public Histogram latenessMicros() {
            return latenessMicros;
        }

        @Override
        public long gone() {
            return latenessMicros.getTotalCount();
        }

        @Override
        public long early() {
            return early;
        }
    }

    private static Table table(List<Row> rows) {
        Table table = new Table(
                "server",
                "keys gone",
                "early",
                "late by, p50 ms",
                "p99 ms",
                "p99.9 ms",
                "max ms",
                "other ops/s",
                "their p99 us",
                "their max us",
                "CPU us/op with the expiry");
        for (Row row : rows) {
            table.row(
                    row.server,
                    whole(row.gone),
                    whole(row.early),
                    brief(row.p50Ms),
                    brief(row.p99Ms),
                    brief(row.p999Ms),
                    brief(row.maxMs),
                    whole(row.traffic.opsPerSecond()),
                    brief(row.traffic.p99Micros()),
                    whole(row.traffic.maxMicros()),
                    brief(row.traffic.serverMicrosPerOp()));
        }
        return table;
    }
}
