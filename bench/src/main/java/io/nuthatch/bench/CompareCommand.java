package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Both servers, the same data, the same requests, round by round: redis, Nuthatch, redis, Nuthatch, ...
///
/// Both run all the time; the one that is not measured gets no request. A ratio is taken between two rounds of one
/// number, see [Spread#ofRatios].
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
            description = "Names as listed by `bench workloads`, or requests written out. Default: all")
    private List<String> workloads = Workload.ALL.stream().map(Workload::name).toList();

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

    @Option(names = "--seconds", description = "Measured in each round. Default: ${DEFAULT-VALUE}")
    private double seconds = 5;

    @Option(names = "--rounds", description = "For each server and workload. Default: ${DEFAULT-VALUE}")
    private int rounds = 5;

    @Option(names = "--warmup", description = "Seconds before the first round. Default: ${DEFAULT-VALUE}")
    private double warmupSeconds = 5;

    @Option(names = "--ramp", description = "Seconds before each round. Default: ${DEFAULT-VALUE}")
    private double rampSeconds = 0.3;

    /// What the data of the first fill took.
    ///
    /// @param bytesPerKey the growth of `used_memory`
    /// @param residentBytesPerKey the growth of the process
    record Footprint(double bytesPerKey, double residentBytesPerKey, long residentBytes) {}

    record Side(String command, String version, Footprint footprint) {}

    /// One workload at one pipeline depth; the rounds of the two sides belong together by their numbers.
    record Case(
            String workload,
            int pipeline,
            List<Sample> redis,
            List<Sample> nuthatch,
            Spread throughputRatio,
            Spread serverMicrosRatio,
            Spread p99Ratio) {
        static Case of(String workload, int pipeline, List<Sample> redis, List<Sample> nuthatch) {
            return new Case(
                    workload,
                    pipeline,
                    redis,
                    nuthatch,
                    Spread.ofRatios(nuthatch, redis, Sample::opsPerSecond),
                    Spread.ofRatios(nuthatch, redis, Sample::serverMicrosPerOp),
                    Spread.ofRatios(nuthatch, redis, Sample::p99Micros));
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
        List<Workload> chosen = workloads.stream().map(this::workload).toList();
        Machine machine = Machine.here();
        try (ServerProcess redis = servers.start(Servers.REDIS);
                ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
            Report report = compare(machine, redis, nuthatch, chosen);
            print(report);
            output.write("compare", report);
        }
    }

    private Workload workload(String text) {
        Workload known = Workload.named(text);
        return known.fill().isEmpty() ? new Workload(known.name(), fill, known.mix()) : known;
    }

    private Report compare(Machine machine, ServerProcess redis, ServerProcess nuthatch, List<Workload> chosen) {
        String firstFill = chosen.stream()
                .map(Workload::fill)
                .filter(request -> !request.isEmpty())
                .findFirst()
                .orElse("");
        Side redisSide = side(redis, firstFill);
        Side nuthatchSide = side(nuthatch, firstFill);
        failUnlessEqual(redis, nuthatch);
        String filled = firstFill;
        List<Case> cases = new ArrayList<>();
        for (Workload workload : chosen) {
            if (!workload.fill().isEmpty() && !workload.fill().equals(filled)) {
                refill(redis, workload.fill());
                refill(nuthatch, workload.fill());
                failUnlessEqual(redis, nuthatch);
                filled = workload.fill();
            }
            for (int pipeline : pipelines) {
                cases.add(measure(workload, pipeline, redis, nuthatch));
            }
        }
        return new Report(machine, keys, clients, threads, seconds, redisSide, nuthatchSide, cases);
    }

    private Side side(ServerProcess server, String firstFill) {
        long usedBefore = server.usedMemorySettled();
        long residentBefore = server.residentBytes();
        if (!firstFill.isEmpty()) {
            refill(server, firstFill);
        }
        double used = server.usedMemorySettled() - usedBefore;
        long resident = server.residentBytes();
        Footprint footprint = new Footprint(used / keys, (double) (resident - residentBefore) / keys, resident);
        return new Side(servers.command(server.name()), server.version(), footprint);
    }

    private void refill(ServerProcess server, String request) {
        output.progress("%s: filling with %s", server.name(), request);
        server.client().call("FLUSHALL");
        LoadGenerator.fillAndSettle(server.port(), request, keys, clients, FILL_PIPELINE);
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
        List<Sample> ofRedis = new ArrayList<>();
        List<Sample> ofNuthatch = new ArrayList<>();
        warmUp(workload, pipeline, redis);
        warmUp(workload, pipeline, nuthatch);
        for (int round = 1; round <= rounds; round++) {
            ofRedis.add(round(workload, pipeline, redis, round));
            ofNuthatch.add(round(workload, pipeline, nuthatch, round));
            output.progress(
                    "%s, pipeline %d, round %d of %d: redis %,.0f ops/s, nuthatch %,.0f ops/s",
                    workload.name(),
                    pipeline,
                    round,
                    rounds,
                    ofRedis.getLast().opsPerSecond(),
                    ofNuthatch.getLast().opsPerSecond());
        }
        return Case.of(workload.name(), pipeline, ofRedis, ofNuthatch);
    }

    private void warmUp(Workload workload, int pipeline, ServerProcess server) {
        try (LoadGenerator load = LoadGenerator.start(plan(workload, pipeline, server, 0))) {
            load.measure((long) (warmupSeconds * 1000), server.pid());
        }
    }

    private Sample round(Workload workload, int pipeline, ServerProcess server, int round) {
        try (LoadGenerator load = LoadGenerator.start(plan(workload, pipeline, server, round))) {
            ServerProcess.pause((long) (rampSeconds * 1000));
            return load.measure((long) (seconds * 1000), server.pid());
        }
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
                .flatMap(each -> Stream.concat(each.redis.stream(), each.nuthatch.stream()))
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
                rounds,
                brief(seconds),
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
                    whole(median(each.redis, Sample::opsPerSecond)),
                    whole(median(each.nuthatch, Sample::opsPerSecond)),
                    each.throughputRatio.toString(),
                    brief(median(each.redis, Sample::serverMicrosPerOp)),
                    brief(median(each.nuthatch, Sample::serverMicrosPerOp)),
                    each.serverMicrosRatio.toString(),
                    brief(median(each.nuthatch, Sample::clientMicrosPerOp)));
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
                    brief(median(each.redis, Sample::p50Micros)),
                    brief(median(each.nuthatch, Sample::p50Micros)),
                    brief(median(each.redis, Sample::p99Micros)),
                    brief(median(each.nuthatch, Sample::p99Micros)),
                    each.p99Ratio.toString(),
                    brief(median(each.redis, Sample::p999Micros)),
                    brief(median(each.nuthatch, Sample::p999Micros)),
                    whole(median(each.redis, Sample::maxMicros)),
                    whole(median(each.nuthatch, Sample::maxMicros)));
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

    private static double median(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
        return Spread.of(rounds, figure).median();
    }
}
