package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What it costs to hand an element from one client to another that waits for it.
///
/// Clients come in pairs that pass one element to and fro, so that one of them always waits:
///
/// ```
///   A: RPUSH x v, BLPOP y 0  ->  B, which waits for x, gets it, sends RPUSH y v, BLPOP x 0  ->  A gets it ...
/// ```
/// Every batch of two requests is one hand-over. With a pipeline, a batch has so many pushes, and as many pops
/// behind them, of which the first waits.
@Command(name = "hand-over", description = "An element from client to waiting client: RPUSH, BLPOP.")
final class HandOverCommand implements Runnable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SELECT_MS = 100;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--pairs", split = ",", description = "Pairs of clients. Default: 25,500")
    private List<Integer> pairCounts = List.of(25, 500);

    @Option(names = "--pipeline", split = ",", description = "Elements that are passed at once. Default: 1,16")
    private List<Integer> pipelines = List.of(1, 16);

    @Option(names = "--seconds", description = "Measured in each round. Default: ${DEFAULT-VALUE}")
    private double seconds = 3;

    @Option(names = "--rounds", description = "For each server. Default: ${DEFAULT-VALUE}")
    private int rounds = 3;

    @Option(names = "--warmup", description = "Seconds before the first round. Default: ${DEFAULT-VALUE}")
    private double warmupSeconds = 5;

    @Option(names = "--ramp", description = "Seconds before each round. Default: ${DEFAULT-VALUE}")
    private double rampSeconds = 0.3;

    /// @param p50Micros from sending the push to having what the other one pushes back
    record Round(
            double handOversPerSecond,
            double serverMicros,
            double clientMicros,
            double p50Micros,
            double p99Micros,
            double maxMicros) {}

    record Case(
            int pairs,
            int pipeline,
            List<Round> redis,
            List<Round> nuthatch,
            Spread throughputRatio,
            Spread serverMicrosRatio) {}

    record Report(Machine machine, double seconds, List<Case> cases) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), seconds, new ArrayList<>());
        try (ServerProcess redis = servers.start(Servers.REDIS);
                ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
            for (int pairs : pairCounts) {
                for (int pipeline : pipelines) {
                    report.cases.add(measure(pairs, pipeline, redis, nuthatch));
                }
            }
        }
        output.print(table(report.cases));
        output.write("hand-over", report);
    }

    private Case measure(int pairs, int pipeline, ServerProcess redis, ServerProcess nuthatch) {
        round(redis, pairs, pipeline, warmupSeconds);
        round(nuthatch, pairs, pipeline, warmupSeconds);
        List<Round> ofRedis = new ArrayList<>();
        List<Round> ofNuthatch = new ArrayList<>();
        for (int i = 1; i <= rounds; i++) {
            ofRedis.add(round(redis, pairs, pipeline, seconds));
            ofNuthatch.add(round(nuthatch, pairs, pipeline, seconds));
            output.progress(
                    "%d pairs, pipeline %d, round %d of %d: redis %,.0f/s, nuthatch %,.0f/s",
                    pairs,
                    pipeline,
                    i,
                    rounds,
                    ofRedis.getLast().handOversPerSecond,
                    ofNuthatch.getLast().handOversPerSecond);
        }
        return new Case(
                pairs,
                pipeline,
                ofRedis,
                ofNuthatch,
                Spread.ofRatios(ofNuthatch, ofRedis, Round::handOversPerSecond),
                Spread.ofRatios(ofNuthatch, ofRedis, Round::serverMicros));
    }

    private Round round(ServerProcess server, int pairs, int pipeline, double windowSeconds) {
        try (Load load = new Load(server.port(), pairs, pipeline)) {
            load.run(rampSeconds);
            load.reset();
            ProcessFigures before = ProcessFigures.of(server.pid());
            long client = THREADS.getCurrentThreadCpuTime();
            long began = System.nanoTime();
            load.run(windowSeconds);
            double nanos = System.nanoTime() - began;
            double serverNanos = ProcessFigures.of(server.pid()).nanosSince(before);
            double count = Math.max(1, load.times.getTotalCount() * pipeline);
            return new Round(
                    count / nanos * 1e9,
                    serverNanos / count / 1e3,
                    (THREADS.getCurrentThreadCpuTime() - client) / count / 1e3,
                    load.times.getValueAtPercentile(50) / 1e3,
                    load.times.getValueAtPercentile(99) / 1e3,
                    load.times.getMaxValue() / 1e3);
        } catch (IOException lost) {
            throw new BenchFailure("the load broke off", lost);
        }
    }

    /// The pairs and what they measure. Thread: the one that made it.
    private static final class Load implements AutoCloseable {
        private final Selector selector = Selector.open();
        private final List<Player> players = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        private final Histogram times = new Histogram(LoadThread.LATENCY_NANOS_MAX, 3);

        /// One of a pair, and what it sends again and again.
        private record Player(LoadConnection connection, RequestBatch batch) {}

        Load(int port, int pairs, int pipeline) throws IOException {
            for (int i = 0; i < pairs; i++) {
                String times = ";)x" + pipeline;
                String push = "(RPUSH %s" + i + " {v:8} " + times;
                String pop = "(BLPOP %s" + i + " 0 " + times;
                Player one = player(port, (push + " " + pop).formatted("x", "y"));
                Player other = player(port, (push + " " + pop).formatted("y", "x"));
                other.connection.send(batch(pop.formatted("x")), System.nanoTime());
                one.connection.send(one.batch, System.nanoTime());
            }
        }

        private Player player(int port, String requests) throws IOException {
            Player player = new Player(LoadConnection.open(port, selector), batch(requests));
            player.connection.attach(player);
            players.add(player);
            return player;
        }

        private static RequestBatch batch(String requests) {
            return RequestBatch.of(List.of(Template.parse(requests, 1)), 1);
        }

        void run(double forSeconds) throws IOException {
            long end = System.nanoTime() + (long) (forSeconds * TimeUnit.SECONDS.toNanos(1));
            while (System.nanoTime() < end) {
                selector.select(SELECT_MS);
                for (SelectionKey key : selector.selectedKeys()) {
                    answered((Player) key.attachment());
                }
                selector.selectedKeys().clear();
            }
        }

        private void answered(Player player) throws IOException {
            if (player.connection.receive(buffer)) {
                long now = System.nanoTime();
                times.recordValue(Math.min(now - player.connection.sentNanos(), LoadThread.LATENCY_NANOS_MAX));
                player.connection.send(player.batch, now);
            }
            if (player.connection.errors() > 0) {
                throw new BenchFailure("an error reply: " + player.connection.firstError());
            }
        }

        void reset() {
            times.reset();
        }

        @Override
        public void close() throws IOException {
            for (Player player : players) {
                player.connection.close();
            }
            selector.close();
        }
    }

    private static Table table(List<Case> cases) {
        Table table = new Table(
                "pairs",
                "pipeline",
                "redis hand-overs/s",
                "nuthatch",
                "ratio (min..max)",
                "redis CPU us each",
                "nuthatch",
                "ratio (min..max)",
                "p50 us redis",
                "nuthatch",
                "p99 us redis",
                "nuthatch");
        for (Case each : cases) {
            table.row(
                    whole(each.pairs),
                    whole(each.pipeline),
                    whole(Spread.of(each.redis, Round::handOversPerSecond).median()),
                    whole(Spread.of(each.nuthatch, Round::handOversPerSecond).median()),
                    each.throughputRatio.toString(),
                    brief(Spread.of(each.redis, Round::serverMicros).median()),
                    brief(Spread.of(each.nuthatch, Round::serverMicros).median()),
                    each.serverMicrosRatio.toString(),
                    brief(Spread.of(each.redis, Round::p50Micros).median()),
                    brief(Spread.of(each.nuthatch, Round::p50Micros).median()),
                    brief(Spread.of(each.redis, Round::p99Micros).median()),
                    brief(Spread.of(each.nuthatch, Round::p99Micros).median()));
        }
        return table;
    }
}
