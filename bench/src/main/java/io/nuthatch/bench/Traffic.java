package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A load in which clients depend on each other, unlike [LoadGenerator]'s: something is delivered from one to
/// another.
///
/// Thread: the one that opened it sends, receives and measures.
interface Traffic extends AutoCloseable {
    /// Goes on for that long.
    void run(double seconds) throws IOException;

    /// How much has been delivered since it was opened.
    long delivered();

    /// How long the deliveries took, in nanoseconds, since this was last reset.
    Histogram times();

    @Override
    void close() throws IOException;

    /// How one is begun.
    interface Opening {
        Traffic open(int port, int clients, int pipeline) throws IOException;
    }

    /// @param perSecond what was delivered
    /// @param serverMicros processor time of the server's process for each
    /// @param clientMicros of the thread that plays all clients
    record Round(
            double perSecond,
            double serverMicros,
            double clientMicros,
            double p50Micros,
            double p99Micros,
            double maxMicros) {
        private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        static Round of(Traffic traffic, ServerProcess server, long rampMs, long ms) throws IOException {
            traffic.run(rampMs / 1e3);
            traffic.times().reset();
            long already = traffic.delivered();
            ProcessFigures before = ProcessFigures.of(server.pid());
            long client = THREADS.getCurrentThreadCpuTime();
            long began = System.nanoTime();
            traffic.run(ms / 1e3);
            double nanos = System.nanoTime() - began;
            double serverNanos = ProcessFigures.of(server.pid()).nanosSince(before);
            double clientNanos = THREADS.getCurrentThreadCpuTime() - client;
            double delivered = Math.max(1, traffic.delivered() - already);
            Histogram times = traffic.times();
            return new Round(
                    delivered / nanos * 1e9,
                    serverNanos / delivered / 1e3,
                    clientNanos / delivered / 1e3,
                    times.getValueAtPercentile(50) / 1e3,
                    times.getValueAtPercentile(99) / 1e3,
                    times.getMaxValue() / 1e3);
        }
    }

    /// So many clients, so many deliveries at once.
    record Case(
            int clients, int pipeline, Turns.Sides<Round> sides, Spread throughputRatio, Spread serverMicrosRatio) {}

    record Report(Machine machine, double seconds, List<Case> cases) {}

    /// Measures one kind of traffic in both servers, in all combinations of clients and pipeline.
    final class Comparison {
        @Mixin
        private final Servers servers = new Servers();

        @Mixin
        private final Output output = new Output();

        @Mixin
        private final Turns turns = new Turns();

        @Option(names = "--pipeline", split = ",", description = "Deliveries at once. Default: 1,16")
        private List<Integer> pipelines = List.of(1, 16);

        /// @param name of the command
        /// @param clients what is counted by `clientCounts`
        /// @param deliveries what is delivered
        void run(String name, String clients, List<Integer> clientCounts, String deliveries, Opening opening) {
            Report report = new Report(Machine.here(), turns.seconds(), new ArrayList<>());
            try (ServerProcess redis = servers.start(Servers.REDIS);
                    ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
                for (int count : clientCounts) {
                    for (int pipeline : pipelines) {
                        String what = count + " " + clients + ", pipeline " + pipeline;
                        Turns.Round<Round> round = (server, _, rampMs, ms) -> {
                            try (Traffic traffic = opening.open(server.port(), count, pipeline)) {
                                return Round.of(traffic, server, rampMs, ms);
                            } catch (IOException | UncheckedIOException lost) {
                                throw new BenchFailure("the load broke off", lost);
                            }
                        };
                        Turns.Sides<Round> sides =
                                turns.measure(what, redis, nuthatch, round, Round::perSecond, output);
                        report.cases.add(new Case(
                                count,
                                pipeline,
                                sides,
                                sides.ratio(Round::perSecond),
                                sides.ratio(Round::serverMicros)));
                    }
                }
            }
            output.print(table(clients, deliveries, report.cases));
            output.write(name, report);
        }

        private static Table table(String clients, String deliveries, List<Case> cases) {
            Table table = new Table(
                    clients,
                    "pipeline",
                    "redis " + deliveries + "/s",
                    "nuthatch",
                    "ratio (min..max)",
                    "redis CPU us each",
                    "nuthatch",
                    "ratio (min..max)",
                    "p50 us redis",
                    "nuthatch",
                    "p99 us redis",
                    "nuthatch",
                    "client CPU us each");
            for (Case each : cases) {
                table.row(
                        whole(each.clients),
                        whole(each.pipeline),
                        whole(each.sides.ofRedis(Round::perSecond)),
                        whole(each.sides.ofNuthatch(Round::perSecond)),
                        each.throughputRatio.toString(),
                        brief(each.sides.ofRedis(Round::serverMicros)),
                        brief(each.sides.ofNuthatch(Round::serverMicros)),
                        each.serverMicrosRatio.toString(),
                        brief(each.sides.ofRedis(Round::p50Micros)),
                        brief(each.sides.ofNuthatch(Round::p50Micros)),
                        brief(each.sides.ofRedis(Round::p99Micros)),
                        brief(each.sides.ofNuthatch(Round::p99Micros)),
                        brief(each.sides.ofNuthatch(Round::clientMicros)));
            }
            return table;
        }
    }
}
