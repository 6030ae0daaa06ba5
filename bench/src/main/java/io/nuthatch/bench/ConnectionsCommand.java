package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a connection costs that does nothing, and one that waits for a key; and whether so many of them slow the
/// others down.
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

    @Option(names = "--connections", description = "How many. Default: ${DEFAULT-VALUE}")
    private int connections = 10_000;

    @Option(names = "--seconds", description = "How long the others are measured. Default: ${DEFAULT-VALUE}")
    private double seconds = 3;

    /// @param kind what the connections do
    /// @param bytesEach the growth of the process by each of them
    /// @param setMicros processor time of the server for a SET of another client
    record Row(String server, String kind, double bytesEach, double setMicros, double setsPerSecond) {}

    record Report(Machine machine, int connections, List<Row> rows) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), connections, new ArrayList<>());
        for (String name : servers.names()) {
            report.rows.add(measure(name, "none", 0, ""));
            report.rows.add(measure(name, "idle", connections, ""));
            report.rows.add(measure(name, "BLPOP, one key each", connections, "BLPOP list:%d 0"));
            report.rows.add(measure(name, "BLPOP, one key for all", connections, "BLPOP list 1000"));
        }
        output.print(table(report.rows));
        output.write("connections", report);
    }

    private Row measure(String name, String kind, int count, String request) {
        output.progress("%s, %s", name, kind);
        List<SocketChannel> channels = new ArrayList<>();
        try (ServerProcess server = servers.start(name)) {
            server.client().call("CONFIG", "SET", "maxclients", Integer.toString(count + 1_000));
            warmUp(server);
            long before = server.residentBytes();
            for (int i = 0; i < count; i++) {
                channels.add(connect(server, "PING"));
            }
            for (int i = 0; i < count && !request.isEmpty(); i++) {
                send(channels.get(i), String.format(request, i));
            }
            if (!request.isEmpty()) {
                awaitBlocked(server, count);
            }
            double bytesEach = count == 0 ? 0 : (double) (server.residentBytes() - before) / count;
            Sample others = others(server);
            return new Row(name, kind, bytesEach, others.serverMicrosPerOp(), others.opsPerSecond());
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } finally {
            channels.forEach(ConnectionsCommand::close);
        }
    }

    /// So that what the process grows by afterwards is for the connections.
    private void warmUp(ServerProcess server) {
        LoadGenerator.fillAndSettle(server.port(), "SET key:{s} {v:64}", BUSY_KEYS, BUSY_CLIENTS, BUSY_PIPELINE);
        others(server);
    }

    private Sample others(ServerProcess server) {
        LoadPlan plan = LoadPlan.closedLoop(
                server.port(), Workload.named("SET key:{r} {v:64}"), BUSY_KEYS, BUSY_CLIENTS, BUSY_PIPELINE);
        try (LoadGenerator load = LoadGenerator.start(plan)) {
            return load.measure((long) (seconds * 1000), server.pid());
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
                "SET of others, CPU us",
                "SETs/s");
        for (Row row : rows) {
            table.row(row.kind, row.server, brief(row.bytesEach), brief(row.setMicros), whole(row.setsPerSecond));
        }
        return table;
    }
}
