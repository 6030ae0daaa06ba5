package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What it costs to find a place in the middle of a collection, as collections grow: by rank, by index, by ID.
/// Where it is found in O(log n), each row of ten times the elements costs a little more than the one before.
///
/// `PING` shows what of it is the protocol.
@Command(name = "ranks", description = "Places in the middle of ever larger collections.")
final class RanksCommand implements Runnable {
    private static final int FILL_PIPELINE = 64;

    /// The number of the first element: all have ten digits, so that they can be IDs.
    private static final int FIRST = 1_000_000_000;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Turns turns = new Turns();

    @Option(names = "--elements", split = ",", description = "Ever more. Default: 10000,100000,1000000,10000000")
    private List<Integer> counts = List.of(10_000, 100_000, 1_000_000, 10_000_000);

    @Option(names = "--clients", description = "Default: ${DEFAULT-VALUE}")
    private int clients = 10;

    @Option(names = "--pipeline", description = "Default: ${DEFAULT-VALUE}")
    private int pipeline = 64;

    record Case(String command, int elements, Turns.Sides<Sample> sides, Spread serverMicrosRatio) {}

    record Report(Machine machine, double seconds, int pipeline, List<Case> cases) {}

    /// A collection for each: `%1$s` stands for the running number of an element.
    private static final List<String> FILLS =
            List.of("ZADD zset %1$s member:%1$s", "RPUSH list element:%1$s", "XADD stream %1$s-0 a b");

    /// `%1$s` stands for the random number of an element, `%2$s` for a random rank, which can be none of the
    /// first tenth: all have as many digits.
    private static final List<String> REQUESTS = List.of(
            "PING",
            "ZRANK zset member:%1$s",
            "ZRANGE zset %2$s {=}",
            "LINDEX list %2$s",
            // Behind the first one, which keeps its place.
            "LINSERT list AFTER element:" + FIRST + " x",
            "XRANGE stream %1$s-0 + COUNT 1");

    @Override
    public void run() {
        Report report = new Report(Machine.here(), turns.seconds(), pipeline, new ArrayList<>());
        try (ServerProcess redis = servers.start(Servers.REDIS);
                ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
            int held = 0;
            for (int elements : counts) {
                fill(redis, held, elements);
                fill(nuthatch, held, elements);
                held = elements;
                for (String request : REQUESTS) {
                    report.cases.add(measure(request, elements, redis, nuthatch));
                }
            }
        }
        output.print(table(report.cases));
        output.write("ranks", report);
    }

    private void fill(ServerProcess server, int held, int elements) {
        output.progress("%s: filling up to %,d", server.name(), elements);
        if (elements <= held) {
            throw new BenchFailure("--elements must rise: " + counts);
        }
        int missing = elements - held;
        String number = "{s:%d:10:%d}".formatted(missing, FIRST + held);
        for (String fill : FILLS) {
            // One client, for IDs must rise.
            LoadGenerator.fill(server.port(), fill.formatted(number), missing, 1, FILL_PIPELINE);
        }
    }

    private Case measure(String request, int elements, ServerProcess redis, ServerProcess nuthatch) {
        int digits = Integer.toString(elements - 1).length();
        int firstRank = (int) Math.pow(10, digits - 1);
        Workload workload = Workload.named(request.formatted(
                "{r:%d:10:%d}".formatted(elements, FIRST),
                "{r:%d:%d:%d}".formatted(elements - firstRank, digits, firstRank)));
        Turns.Round<Sample> round = (server, number, rampMs, ms) -> {
            LoadPlan plan = LoadPlan.closedLoop(server.port(), workload, elements, clients, pipeline)
                    .withSeed(number);
            try (LoadGenerator load = LoadGenerator.start(plan)) {
                ServerProcess.pause(rampMs);
                return load.measure(ms, server.pid());
            }
        };
        String command = request.split(" ")[0];
        Turns.Sides<Sample> sides =
                turns.measure(command + ", " + whole(elements), redis, nuthatch, round, Sample::opsPerSecond, output);
        return new Case(command, elements, sides, sides.ratio(Sample::serverMicrosPerOp));
    }

    private Table table(List<Case> cases) {
        Table table = new Table("command", "elements", "redis CPU us/op", "nuthatch", "ratio (min..max)");
        for (String request : REQUESTS) {
            String command = request.split(" ")[0];
            cases.stream()
                    .filter(each -> each.command.equals(command))
                    .forEach(each -> table.row(
                            each.command,
                            whole(each.elements),
                            brief(each.sides.ofRedis(Sample::serverMicrosPerOp)),
                            brief(each.sides.ofNuthatch(Sample::serverMicrosPerOp)),
                            each.serverMicrosRatio.toString()));
        }
        return table;
    }
}
