package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Both servers, the same data, the same requests, round by round: redis, Nuthatch, redis, Nuthatch, ...
///
/// A ratio is taken between two rounds of one number, see [Spread#ofRatios].
@Command(
        name = "compare",
        description = "Throughput, latency, processor time per operation and memory, side by side with redis.")
final class CompareCommand implements Runnable {
    private static final int FILL_PIPELINE = 64;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "NAME",
            description = "Names of workloads or of groups of them as listed by `bench workloads`,"
                    + " or requests written out. Default: strings")
    private List<String> workloads = List.of("strings");

    @Option(
            names = "--fill",
            paramLabel = "REQUEST",
            description =
                    "Sent once for each key before workloads that are written out, as in 'RPUSH list:{s:1000} {v:8}'")
    private String fill = "";

    @Option(names = "--pipeline", split = ",", description = "Requests a connection sends at once. Default: 1,16,64")
    private List<Integer> pipelines = List.of(1, 16, 64);

    @Option(names = "--clients", description = "Connections. Default: ${DEFAULT-VALUE}")
    private int clients = 50;

    @Option(names = "--threads", description = "Load threads. Default: ${DEFAULT-VALUE}")
    private int threads = 1;

    @Option(names = "--keys", description = "Keys that each server holds. Default: ${DEFAULT-VALUE}")
    private long keys = 1_000_000;

    @Mixin
    private final Turns turns = new Turns();

    /// What the data of the first fill took.
    ///
    /// @param bytesPerKey the growth of `used_memory`
    /// @param residentBytesPerKey the growth of the process
    record Footprint(double bytesPerKey, double residentBytesPerKey, long residentBytes) {}

    record Side(String command, String version, Footprint footprint) {}

    /// One workload at one pipeline depth.
    record Case(
            String workload,
            int pipeline,
            Turns.Sides<Sample> sides,
            Spread throughputRatio,
            Spread serverMicrosRatio,
            Spread p99Ratio) {
        static Case of(String workload, int pipeline, Turns.Sides<Sample> sides) {
            return new Case(
                    workload,
                    pipeline,
                    sides,
                    sides.ratio(Sample::opsPerSecond),
                    sides.ratio(Sample::serverMicrosPerOp),
                    sides.ratio(Sample::p99Micros));
        }
    }

    record Report(
            Machine machine,
            long keys,
            int clients,
            int threads,
            double seconds,
            Side redis,
            Side nuthatch,
            List<Case> cases) {}

    @Override
    public void run() {
        List<Workload> chosen =
                workloads.stream().flatMap(Workload::chosen).map(this::withFill).toList();
        Machine machine = Machine.here();
        try (ServerProcess redis = servers.start(Servers.REDIS);
                ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
            Report report = compare(machine, redis, nuthatch, chosen);
            print(report);
            output.write("compare", report);
        }
    }

    private Workload withFill(Workload workload) {
        return workload.fill().isEmpty() ? new Workload(workload.name(), fill, 0, workload.mix()) : workload;
    }

    private Report compare(Machine machine, ServerProcess redis, ServerProcess nuthatch, List<Workload> chosen) {
        Optional<Workload> first =
                chosen.stream().filter(workload -> !workload.fill().isEmpty()).findFirst();
        Side redisSide = side(redis, first);
        Side nuthatchSide = side(nuthatch, first);
        failUnlessEqual(redis, nuthatch);
        String filled = first.map(Workload::fill).orElse("");
        List<Case> cases = new ArrayList<>();
        for (Workload workload : chosen) {
            if (!workload.fill().isEmpty() && !workload.fill().equals(filled)) {
                refill(redis, workload);
                refill(nuthatch, workload);
                failUnlessEqual(redis, nuthatch);
                filled = workload.fill();
            }
            for (int pipeline : pipelines) {
                cases.add(measure(workload, pipeline, redis, nuthatch));
            }
        }
        return new Report(machine, keys, clients, threads, turns.seconds(), redisSide, nuthatchSide, cases);
    }

    private Side side(ServerProcess server, Optional<Workload> first) {
        long usedBefore = server.usedMemorySettled();
        long residentBefore = server.residentBytes();
        first.ifPresent(workload -> refill(server, workload));
        double used = server.usedMemorySettled() - usedBefore;
        long resident = server.residentBytes();
        long held = Math.max(1, server.keyCount());
        Footprint footprint = new Footprint(used / held, (double) (resident - residentBefore) / held, resident);
        return new Side(servers.command(server.name()), server.version(), footprint);
    }

    private void refill(ServerProcess server, Workload workload) {
        output.progress("%s: filling with %s", server.name(), workload.fill());
        server.client().call("FLUSHALL");
        long times = workload.fillTimes(keys);
        LoadGenerator.fillAndSettle(
                server.port(), workload.fill(), times, (int) Math.min(clients, times), FILL_PIPELINE);
    }

    private static void failUnlessEqual(ServerProcess redis, ServerProcess nuthatch) {
        long ofRedis = redis.keyCount();
        long ofNuthatch = nuthatch.keyCount();
        if (ofRedis != ofNuthatch) {
            throw new BenchFailure(
                    "the servers hold different data: redis has " + ofRedis + " keys, nuthatch " + ofNuthatch);
        }
    }

    private Case measure(Workload workload, int pipeline, ServerProcess redis, ServerProcess nuthatch) {
        Turns.Round<Sample> round = (server, number, rampMs, ms) -> {
            try (LoadGenerator load = LoadGenerator.start(plan(workload, pipeline, server, number))) {
                ServerProcess.pause(rampMs);
                return load.measure(ms, server.pid());
            }
        };
        String name = workload.name() + ", pipeline " + pipeline;
        return Case.of(
                workload.name(), pipeline, turns.measure(name, redis, nuthatch, round, Sample::opsPerSecond, output));
    }

    private LoadPlan plan(Workload workload, int pipeline, ServerProcess server, int round) {
        return LoadPlan.closedLoop(server.port(), workload, keys, clients, pipeline)
                .withThreads(threads)
                .withSeed(round);
    }

    private void print(Report report) {
        output.print(headline(report) + "\n\n" + throughput(report.cases) + "\n" + latency(report.cases) + "\n"
                + memory(report));
    }

    private String headline(Report report) {
        double others = report.cases.stream()
                .flatMap(each -> Stream.concat(each.sides.redis().stream(), each.sides.nuthatch().stream()))
                .mapToDouble(Sample::otherCores)
                .max()
                .orElse(0);
        return String.format(
                "%s against %s, %d clients, %,d keys, %d rounds of %s s on %s, %d cores.%n"
                        + "Other processes kept up to %.2f cores busy in a round.",
                report.nuthatch.version,
                report.redis.version,
                clients,
                keys,
                turns.rounds(),
                brief(turns.seconds()),
                report.machine.processor(),
                report.machine.cores(),
                others);
    }

    private static Table throughput(List<Case> cases) {
        Table table = new Table(
                "workload",
                "pipeline",
                "redis ops/s",
                "nuthatch ops/s",
                "ratio (min..max)",
                "redis CPU us/op",
                "nuthatch CPU us/op",
                "ratio (min..max)",
                "client CPU us/op");
        for (Case each : cases) {
            table.row(
                    each.workload,
                    Integer.toString(each.pipeline),
                    whole(each.sides.ofRedis(Sample::opsPerSecond)),
                    whole(each.sides.ofNuthatch(Sample::opsPerSecond)),
                    each.throughputRatio.toString(),
                    brief(each.sides.ofRedis(Sample::serverMicrosPerOp)),
                    brief(each.sides.ofNuthatch(Sample::serverMicrosPerOp)),
                    each.serverMicrosRatio.toString(),
                    brief(each.sides.ofNuthatch(Sample::clientMicrosPerOp)));
        }
        return table;
    }

    private static Table latency(List<Case> cases) {
        Table table = new Table(
                "workload",
                "pipeline",
                "p50 us redis",
                "nuthatch",
                "p99 us redis",
                "nuthatch",
                "ratio (min..max)",
                "p99.9 us redis",
                "nuthatch",
                "max us redis",
                "nuthatch");
        for (Case each : cases) {
            table.row(
                    each.workload,
                    Integer.toString(each.pipeline),
                    brief(each.sides.ofRedis(Sample::p50Micros)),
                    brief(each.sides.ofNuthatch(Sample::p50Micros)),
                    brief(each.sides.ofRedis(Sample::p99Micros)),
                    brief(each.sides.ofNuthatch(Sample::p99Micros)),
                    each.p99Ratio.toString(),
                    brief(each.sides.ofRedis(Sample::p999Micros)),
                    brief(each.sides.ofNuthatch(Sample::p999Micros)),
                    whole(each.sides.ofRedis(Sample::maxMicros)),
                    whole(each.sides.ofNuthatch(Sample::maxMicros)));
        }
        return table;
    }

    private static Table memory(Report report) {
        Table table = new Table("memory", "redis", "nuthatch", "ratio");
        Footprint redis = report.redis.footprint;
        Footprint nuthatch = report.nuthatch.footprint;
        table.row(
                "used_memory, bytes a key",
                brief(redis.bytesPerKey),
                brief(nuthatch.bytesPerKey),
                brief(nuthatch.bytesPerKey / redis.bytesPerKey));
        table.row(
                "growth of RSS, bytes a key",
                brief(redis.residentBytesPerKey),
                brief(nuthatch.residentBytesPerKey),
                brief(nuthatch.residentBytesPerKey / redis.residentBytesPerKey));
        table.row(
                "RSS, MB",
                whole(redis.residentBytes / 1e6),
                whole(nuthatch.residentBytes / 1e6),
                brief((double) nuthatch.residentBytes / redis.residentBytes));
        return table;
    }
}
