package io.nuthatch.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    private static final long SELECT_MS = 100;

    @Mixin
    private final Traffic.Comparison comparison = new Traffic.Comparison();

    @Option(names = "--pairs", split = ",", description = "Pairs of clients. Default: 25,500")
    private List<Integer> pairCounts = List.of(25, 500);

    @Override
    public void run() {
        comparison.run("hand-over", "pairs", pairCounts, "hand-overs", Pairs::new);
    }

    /// The pairs. A delivery takes from sending the push to having what the other one pushes back.
    private static final class Pairs implements Traffic {
        private final Selector selector = Selector.open();
        private final List<Player> players = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        private final Histogram times = new Histogram(LoadThread.LATENCY_NANOS_MAX, 3);
        private final Consumer<SelectionKey> onReady = this::ready;
        private final int pipeline;
        private long delivered;

        /// One of a pair, and what it sends again and again.
        private record Player(LoadConnection connection, RequestBatch batch) {}

        Pairs(int port, int pairs, int pipeline) throws IOException {
            this.pipeline = pipeline;
            for (int i = 0; i < pairs; i++) {
                String many = ";)x" + pipeline;
                String push = "(RPUSH %s" + i + " {v:8} " + many;
                String pop = "(BLPOP %s" + i + " 0 " + many;
                Player one = player(port, (push + " " + pop).formatted("x", "y"));
                Player other = player(port, (push + " " + pop).formatted("y", "x"));
                other.connection.send(batch(pop.formatted("x")), System.nanoTime());
                one.connection.send(one.batch, System.nanoTime());
            }
        }

        private Player player(int port, String requests) throws IOException {
            Player player = new Player(LoadConnection.open(port, selector, players.size()), batch(requests));
            player.connection.attach(player);
            players.add(player);
            return player;
        }

        private static RequestBatch batch(String requests) {
            return RequestBatch.of(List.of(Template.parse(requests, 1)), 1);
        }

        @Override
        public void run(double seconds) throws IOException {
            long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            while (System.nanoTime() < end) {
                selector.select(onReady, SELECT_MS);
            }
        }

        private void ready(SelectionKey key) {
            try {
                answered((Player) key.attachment());
            } catch (IOException lost) {
                throw new UncheckedIOException(lost);
            }
        }

        private void answered(Player player) throws IOException {
            if (player.connection.receive(buffer)) {
                long now = System.nanoTime();
                times.recordValue(Math.min(now - player.connection.sentNanos(), LoadThread.LATENCY_NANOS_MAX));
                delivered += pipeline;
                player.connection.send(player.batch, now);
            }
            if (player.connection.errors() > 0) {
                throw new BenchFailure("an error reply: " + player.connection.firstError());
            }
        }

        @Override
        public long delivered() {
            return delivered;
        }

        @Override
        public Histogram times() {
            return times;
        }

        @Override
        public void close() throws IOException {
            for (Player player : players) {
                player.connection.close();
            }
            selector.close();
        }
    }
}
