package io.nuthatch.bench;

import static io.nuthatch.bench.Table.brief;
import static io.nuthatch.bench.Table.whole;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What it costs to deliver a message to many subscribers.
///
/// One client publishes in batches; all subscribers listen to its channel. The next batch goes out when the last one
/// has
/// been answered and all subscribers are at most one batch behind. What is counted are messages that have arrived.
@Command(name = "publish", description = "Messages from one publisher to many subscribers.")
final class PublishCommand implements Runnable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SELECT_MS = 100;
    private static final int READ_BYTES = 1 << 18;

    @Mixin
    private final Servers servers = new Servers();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--subscribers", split = ",", description = "Default: 100")
    private List<Integer> subscriberCounts = List.of(100);

    @Option(names = "--pipeline", split = ",", description = "Messages that are published at once. Default: 1,16")
    private List<Integer> pipelines = List.of(1, 16);

    @Option(names = "--bytes", description = "Of a message. Default: ${DEFAULT-VALUE}")
    private int messageBytes = 64;

    @Option(names = "--seconds", description = "Measured in each round. Default: ${DEFAULT-VALUE}")
    private double seconds = 3;

    @Option(names = "--rounds", description = "For each server. Default: ${DEFAULT-VALUE}")
    private int rounds = 3;

    @Option(names = "--warmup", description = "Seconds before the first round. Default: ${DEFAULT-VALUE}")
    private double warmupSeconds = 5;

    @Option(names = "--ramp", description = "Seconds before each round. Default: ${DEFAULT-VALUE}")
    private double rampSeconds = 0.3;

    /// @param messagesPerSecond that have arrived at all subscribers together
    /// @param serverMicros processor time of the server for one of them
    record Round(double messagesPerSecond, double serverMicros, double clientMicros) {}

    record Case(
            int subscribers,
            int pipeline,
            List<Round> redis,
            List<Round> nuthatch,
            Spread throughputRatio,
            Spread serverMicrosRatio) {}

    record Report(Machine machine, double seconds, int messageBytes, List<Case> cases) {}

    @Override
    public void run() {
        Report report = new Report(Machine.here(), seconds, messageBytes, new ArrayList<>());
        try (ServerProcess redis = servers.start(Servers.REDIS);
                ServerProcess nuthatch = servers.start(Servers.NUTHATCH)) {
            for (int subscribers : subscriberCounts) {
                for (int pipeline : pipelines) {
                    report.cases.add(measure(subscribers, pipeline, redis, nuthatch));
                }
            }
        }
        output.print(table(report.cases));
        output.write("publish", report);
    }

    private Case measure(int subscribers, int pipeline, ServerProcess redis, ServerProcess nuthatch) {
        round(redis, subscribers, pipeline, warmupSeconds);
        round(nuthatch, subscribers, pipeline, warmupSeconds);
        List<Round> ofRedis = new ArrayList<>();
        List<Round> ofNuthatch = new ArrayList<>();
        for (int i = 1; i <= rounds; i++) {
            ofRedis.add(round(redis, subscribers, pipeline, seconds));
            ofNuthatch.add(round(nuthatch, subscribers, pipeline, seconds));
            output.progress(
                    "%d subscribers, pipeline %d, round %d of %d: redis %,.0f/s, nuthatch %,.0f/s",
                    subscribers,
                    pipeline,
                    i,
                    rounds,
                    ofRedis.getLast().messagesPerSecond,
                    ofNuthatch.getLast().messagesPerSecond);
        }
        return new Case(
                subscribers,
                pipeline,
                ofRedis,
                ofNuthatch,
                Spread.ofRatios(ofNuthatch, ofRedis, Round::messagesPerSecond),
                Spread.ofRatios(ofNuthatch, ofRedis, Round::serverMicros));
    }

    private Round round(ServerProcess server, int subscribers, int pipeline, double windowSeconds) {
        try (Load load = new Load(server.port(), subscribers, pipeline, messageBytes)) {
            load.run(rampSeconds);
            long already = load.arrived();
            ProcessFigures before = ProcessFigures.of(server.pid());
            long client = THREADS.getCurrentThreadCpuTime();
            long began = System.nanoTime();
            load.run(windowSeconds);
            double nanos = System.nanoTime() - began;
            double serverNanos = ProcessFigures.of(server.pid()).nanosSince(before);
            double arrived = Math.max(1, load.arrived() - already);
            return new Round(
                    arrived / nanos * 1e9,
                    serverNanos / arrived / 1e3,
                    (THREADS.getCurrentThreadCpuTime() - client) / arrived / 1e3);
        } catch (IOException lost) {
            throw new BenchFailure("the load broke off", lost);
        }
    }

    /// The publisher and its subscribers. Thread: the one that made it.
    private static final class Load implements AutoCloseable {
        private final Selector selector = Selector.open();
        private final List<SocketChannel> subscribers = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        private final LoadConnection publisher;
        private final RequestBatch batch;
        private final int pipeline;

        /// Of a message as it arrives.
        private final int wireBytes;

        private long published;
        private long arrivedBytes;
        private boolean answered = true;

        Load(int port, int subscriberCount, int pipeline, int messageBytes) throws IOException {
            this.pipeline = pipeline;
            String request = "PUBLISH news {v:" + messageBytes + "}";
            batch = RequestBatch.of(Collections.nCopies(pipeline, Template.parse(request, 1)), 1);
            wireBytes = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$%d\r\n\r\n"
                            .formatted(messageBytes)
                            .length()
                    + messageBytes;
            for (int i = 0; i < subscriberCount; i++) {
                subscribers.add(subscribe(port));
            }
            publisher = LoadConnection.open(port, selector);
        }

        private SocketChannel subscribe(int port) throws IOException {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.write(ByteBuffer.wrap("SUBSCRIBE news\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer confirmation = ByteBuffer.allocate("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n".length());
            while (confirmation.hasRemaining()) {
                if (channel.read(confirmation) < 0) {
                    throw new BenchFailure("the server closed a subscriber");
                }
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            return channel;
        }

        /// Messages that have arrived, at all subscribers together.
        long arrived() {
            return arrivedBytes / wireBytes;
        }

        void run(double forSeconds) throws IOException {
            long end = System.nanoTime() + (long) (forSeconds * TimeUnit.SECONDS.toNanos(1));
            while (System.nanoTime() < end) {
                publish();
                selector.select(SELECT_MS);
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.attachment() == null) {
                        receive((SocketChannel) key.channel());
                    } else {
                        answered |= publisher.receive(buffer);
                    }
                }
                selector.selectedKeys().clear();
            }
        }

        private void publish() throws IOException {
            long behind = published * subscribers.size() - arrived();
            if (answered && behind <= (long) pipeline * subscribers.size()) {
                answered = false;
                published += pipeline;
                publisher.send(batch, System.nanoTime());
            }
        }

        private void receive(SocketChannel subscriber) throws IOException {
            int bytes = subscriber.read(buffer.clear());
            if (bytes < 0) {
                throw new BenchFailure("the server closed a subscriber");
            }
            arrivedBytes += bytes;
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel each : subscribers) {
                each.close();
            }
            publisher.close();
            selector.close();
        }
    }

    private static Table table(List<Case> cases) {
        Table table = new Table(
                "subscribers",
                "pipeline",
                "redis messages/s",
                "nuthatch",
                "ratio (min..max)",
                "redis CPU us each",
                "nuthatch",
                "ratio (min..max)");
        for (Case each : cases) {
            table.row(
                    whole(each.subscribers),
                    whole(each.pipeline),
                    whole(Spread.of(each.redis, Round::messagesPerSecond).median()),
                    whole(Spread.of(each.nuthatch, Round::messagesPerSecond).median()),
                    each.throughputRatio.toString(),
                    brief(Spread.of(each.redis, Round::serverMicros).median()),
                    brief(Spread.of(each.nuthatch, Round::serverMicros).median()),
                    each.serverMicrosRatio.toString());
        }
        return table;
    }
}
