package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a connection costs that does nothing, and one that waits for a key; and whether so many of them slow
/// the others down: a server of its own for each kind serves GETs of a few other clients, first without them,
/// then with them.
@Command(
        name = "connections",
        description = "Bytes a connection, idle and waiting in BLPOP, and what they cost the others.")
final class ConnectionsCommand implements Runnable {
    private static final long SETTLE_MS_MAX = 60_000;
    private static final long POLL_MS = 50;

    /// Clients that are not idle, and their batches.
    private static final int BUSY_CLIENTS = 20;

    private static final int BUSY_PIPELINE = 16;
    private static final long BUSY_KEYS = 100_000;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Rounds rounds = new Rounds();

    @Option(names = "--connections", description = "How many. Default: ${DEFAULT-VALUE}")
    private int connections = 10_000;

    /// @param kind what the connections do
    /// @param bytesEach the growth of the process by each of them
    /// @param without GETs of others before they came
    /// @param with the same while they are there
    record Row(
            String server,
            String kind,
            double bytesEach,
            List<Sample> without,
            List<Sample> with,
            Spread serverMicrosRatio,
            Spread p99Ratio) {}

    record Report(Machine machine, int connections, double seconds, List<Row> rows) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), connections, rounds.seconds(), new ArrayList<>());
        for (String name : servers.names()) {
            report.rows.add(measure(name, "idle", ""));
            report.rows.add(measure(name, "BLPOP, one key each", "BLPOP list:%d 0"));
            report.rows.add(measure(name, "BLPOP, one key for all", "BLPOP list 1000"));
        }
        output.print(table(report.rows));
        output.write("connections", report);
    }

    private Row measure(String name, String kind, String request) {
        output.progress("%s, %s", name, kind);
        List<SocketChannel> channels = new ArrayList<>();
        try (ServerProcess server = servers.start(name)) {
            server.client().call("CONFIG", "SET", "maxclients", Integer.toString(connections + 1_000));
            warmUp(server);
            List<Sample> without = others(server);
            long before = server.residentBytes();
            for (int i = 0; i < connections; i++) {
                channels.add(connect(server, "PING"));
            }
            if (!request.isEmpty()) {
                for (int i = 0; i < connections; i++) {
                    send(channels.get(i), String.format(request, i));
                }
                awaitBlocked(server, connections);
            }
            double bytesEach = (double) (server.residentBytes() - before) / connections;
            List<Sample> with = others(server);
            return new Row(
                    name,
                    kind,
                    bytesEach,
                    without,
                    with,
                    Spread.ofRatios(with, without, Sample::serverMicrosPerOp),
                    Spread.ofRatios(with, without, Sample::p99Micros));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } finally {
            channels.forEach(ConnectionsCommand::close);
        }
    }

    /// So that what the process grows by afterwards is for the connections.
    private void warmUp(ServerProcess server) {
        LoadGenerator.fillAndSettle(server.port(), "SET key:{s} {v:64}", BUSY_KEYS, BUSY_CLIENTS, BUSY_PIPELINE);
        others(server, rounds.warmupSeconds());
    }

    private List<Sample> others(ServerProcess server) {
        return IntStream.range(0, rounds.count())
                .mapToObj(_ -> others(server, rounds.seconds()))
                .toList();
    }

    private static Sample others(ServerProcess server, double forSeconds) {
        LoadPlan plan = LoadPlan.closedLoop(
                server.port(), Workload.named("GET key:{r}"), BUSY_KEYS, BUSY_CLIENTS, BUSY_PIPELINE);
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            return load.measure((long) (forSeconds * 1000), server.pid());
        }
    }

    /// A connection that has sent a request and read its reply.
    private static SocketChannel connect(ServerProcess server, String request) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        send(channel, request);
        if (channel.read(ByteBuffer.allocate(64)) <= 0) {
            throw new BenchFailure(server.name() + " does not answer");
        }
        return channel;
    }

    private static void send(SocketChannel channel, String request) throws IOException {
        channel.write(ByteBuffer.wrap((request + "\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private static void awaitBlocked(ServerProcess server, int count) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MS_MAX);
        while (server.infoNumber("clients", "blocked_clients") < count) {
            if (System.nanoTime() > deadline) {
                throw new BenchFailure(server.name() + " has not blocked all clients");
            }
            ServerProcess.pause(POLL_MS);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private Table table(List<Row> rows) {
        Table table = new Table(
                String.format("%,d connections", connections),
                "server",
                "growth of RSS, bytes each",
                "GET of others, CPU us without",
                "with",
                "ratio (min..max)",
                "p99 us without",
                "with",
                "ratio (min..max)");
        for (Row row : rows) {
            table.row(
                    row.kind,
                    row.server,
                    brief(row.bytesEach),
                    brief(Spread.of(row.without, Sample::serverMicrosPerOp).median()),
                    brief(Spread.of(row.with, Sample::serverMicrosPerOp).median()),
                    row.serverMicrosRatio.toString(),
                    brief(Spread.of(row.without, Sample::p99Micros).median()),
                    brief(Spread.of(row.with, Sample::p99Micros).median()),
                    row.p99Ratio.toString());
        }
        return table;
    }
}
