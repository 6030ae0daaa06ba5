package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What client tracking costs a GET, and what it takes to remember a key's readers.
///
/// Clients that track read all keys once. Then rounds alternate of GETs at random by these clients, and by as many that
/// do not track. The clients speak RESP2, in which no invalidation could reach them: there is none, for nothing is
/// written.
@Command(name = "tracking", description = "GET by clients that track the keys they read, and by others.")
final class TrackingCommand implements Runnable {
    private static final long SELECT_MS = 100;
    private static final int FILL_CLIENTS = 10;
    private static final int FILL_PIPELINE = 64;
    private static final String FILL = "SET key:{s} {v:64}";

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Rounds rounds = new Rounds();

    @Option(names = "--keys", description = "Default: ${DEFAULT-VALUE}")
    private int keys = 1_000_000;

    @Option(names = "--clients", description = "Default: ${DEFAULT-VALUE}")
    private int clients = 2;

    @Option(names = "--pipeline", split = ",", description = "Default: 1,64")
    private List<Integer> pipelines = List.of(1, 64);

    record Round(double opsPerSecond, double serverMicros) {}

    record Case(int pipeline, List<Round> plain, List<Round> tracked, Spread serverMicrosRatio) {}

    /// @param bytesAKey how much `used_memory` grew when the clients had read all keys, by the keys
    record OfServer(String server, double bytesAKey, List<Case> cases) {}

    record Report(Machine machine, int keys, int clients, double seconds, List<OfServer> servers) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), keys, clients, rounds.seconds(), new ArrayList<>());
        for (String name : servers.names()) {
            try (ServerProcess server = servers.start(name)) {
                report.servers.add(measure(name, server));
            } catch (IOException lost) {
                throw new BenchFailure("the load broke off", lost);
            }
        }
        output.print(table(report.servers));
        output.write("tracking", report);
    }

    private OfServer measure(String name, ServerProcess server) throws IOException {
        LoadGenerator.fillAndSettle(server.port(), FILL, keys, FILL_CLIENTS, FILL_PIPELINE);
        try (Load plain = new Load(server.port());
                Load tracked = new Load(server.port())) {
            tracked.all("CLIENT TRACKING ON");
            double before = usedMemory(server);
            tracked.readAll();
            double bytesAKey = (usedMemory(server) - before) / keys;
            List<Case> cases = new ArrayList<>();
            for (int pipeline : pipelines) {
                cases.add(measure(name, server, pipeline, plain, tracked));
            }
            return new OfServer(name, bytesAKey, cases);
        }
    }

    private static double usedMemory(ServerProcess server) throws IOException {
        try (RespClient client = RespClient.connect(server.port())) {
            return client.call("INFO", "memory")
                    .text()
                    .lines()
                    .filter(line -> line.startsWith("used_memory:"))
                    .mapToDouble(line -> Double.parseDouble(line.substring("used_memory:".length())))
                    .findFirst()
                    .orElseThrow(() -> new BenchFailure("INFO tells no used_memory"));
        }
    }

    private Case measure(String name, ServerProcess server, int pipeline, Load plain, Load tracked) throws IOException {
        plain.get(pipeline, rounds.warmupSeconds());
        tracked.get(pipeline, rounds.warmupSeconds());
        List<Round> without = new ArrayList<>();
        List<Round> with = new ArrayList<>();
        for (int i = 1; i <= rounds.count(); i++) {
            without.add(round(server, pipeline, plain));
            with.add(round(server, pipeline, tracked));
            output.progress(
                    "%s, pipeline %d, round %d of %d: %.2f us a GET, with tracking %.2f",
                    name, pipeline, i, rounds.count(), without.getLast().serverMicros, with.getLast().serverMicros);
        }
        return new Case(pipeline, without, with, Spread.ofRatios(with, without, Round::serverMicros));
    }

    private Round round(ServerProcess server, int pipeline, Load load) throws IOException {
        ProcessFigures before = ProcessFigures.of(server.pid());
        long began = System.nanoTime();
        double replies = load.get(pipeline, rounds.seconds());
        double nanos = System.nanoTime() - began;
        return new Round(replies / nanos * 1e9, ProcessFigures.of(server.pid()).nanosSince(before) / replies / 1e3);
    }

    /// Some clients. Thread: the one that made it.
    private final class Load implements AutoCloseable {
        private final Selector selector = Selector.open();
        private final List<LoadConnection> connections = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
        private final RandomNumbers random = new RandomNumbers(clients);

        Load(int port) throws IOException {
            for (int i = 0; i < clients; i++) {
                connections.add(LoadConnection.open(port, selector, i));
            }
        }

        private RequestBatch batch(String request, int count) {
            return RequestBatch.of(Collections.nCopies(count, Template.parse(request, keys)), keys);
        }

        /// Has every client send a request.
        void all(String request) throws IOException {
            for (LoadConnection each : connections) {
                exchange(each, batch(request, 1));
            }
        }

        /// Has every client read all keys.
        void readAll() throws IOException {
            RequestBatch batch = batch("GET key:{s}", FILL_PIPELINE);
            for (LoadConnection each : connections) {
                for (long done = 0; done < keys; done += FILL_PIPELINE) {
                    batch.renew(random, done);
                    exchange(each, batch);
                }
            }
        }

        private void exchange(LoadConnection connection, RequestBatch batch) throws IOException {
            connection.send(batch, 0);
            boolean whole = false;
            while (!whole) {
                selector.select(SELECT_MS);
                selector.selectedKeys().clear();
                whole = connection.receive(buffer);
            }
        }

        /// Reads keys at random for a while.
        ///
        /// @return how many
        long get(int pipeline, double forSeconds) throws IOException {
            RequestBatch batch = batch("GET key:{r}", pipeline);
            long replies = 0;
            int busy = 0;
            long end = System.nanoTime() + (long) (forSeconds * TimeUnit.SECONDS.toNanos(1));
            for (LoadConnection each : connections) {
                send(each, batch);
                busy++;
            }
            while (busy > 0) {
                selector.select(SELECT_MS);
                for (SelectionKey key : selector.selectedKeys()) {
                    LoadConnection connection = (LoadConnection) key.attachment();
                    if (!connection.receive(buffer)) {
                        continue;
                    }
                    replies += pipeline;
                    if (System.nanoTime() < end) {
                        send(connection, batch);
                    } else {
                        busy--;
                    }
                }
                selector.selectedKeys().clear();
            }
            return replies;
        }

        private void send(LoadConnection connection, RequestBatch batch) throws IOException {
            batch.renew(random, 0);
            connection.send(batch, 0);
        }

        @Override
        public void close() throws IOException {
            for (LoadConnection each : connections) {
                each.close();
            }
            selector.close();
        }
    }

    private static Table table(List<OfServer> servers) {
        Table table = new Table(
                "server", "pipeline", "CPU us a GET", "with tracking", "ratio (min..max)", "bytes a tracked key");
        for (OfServer server : servers) {
            for (Case each : server.cases) {
                table.row(
                        server.server,
                        whole(each.pipeline),
                        brief(Spread.of(each.plain, Round::serverMicros).median()),
                        brief(Spread.of(each.tracked, Round::serverMicros).median()),
                        each.serverMicrosRatio.toString(),
                        brief(server.bytesAKey));
            }
        }
        return table;
    }
}
