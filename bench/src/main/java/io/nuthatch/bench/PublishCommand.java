package io.nuthatch.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What it costs to deliver a message to many subscribers.
///
/// One client publishes in batches; all subscribers listen to its channel. The next batch goes out when the
/// last one has been answered and all subscribers are at most one batch behind. What is counted are messages
/// that have arrived, at all subscribers together; what is timed is the publisher, from sending a batch to its
/// last reply.
@Command(name = "publish", description = "Messages from one publisher to many subscribers.")
final class PublishCommand implements Runnable {
    private static final long SELECT_MS = 100;
    private static final int READ_BYTES = 1 << 18;

    @Mixin
    private final Traffic.Comparison comparison = new Traffic.Comparison();

    @Option(names = "--subscribers", split = ",", description = "Default: 100")
    private List<Integer> subscriberCounts = List.of(100);

    @Option(names = "--bytes", description = "Of a message. Default: ${DEFAULT-VALUE}")
    private int messageBytes = 64;

    @Override
    public void run() {
        comparison.run(
                "publish",
                "subscribers",
                subscriberCounts,
                "messages",
                (port, subscribers, pipeline) -> new Audience(port, subscribers, pipeline, messageBytes));
    }

    /// The publisher and its subscribers.
    private static final class Audience implements Traffic {
        private final Selector selector = Selector.open();
        private final List<SocketChannel> subscribers = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        private final Histogram times = new Histogram(LoadThread.LATENCY_NANOS_MAX, 3);
        private final Consumer<SelectionKey> onReady = this::ready;
        private final LoadConnection publisher;
        private final RequestBatch batch;
        private final int pipeline;

        /// Of a message as it arrives.
        private final int wireBytes;

        private long published;
        private long arrivedBytes;
        private boolean answered = true;

        Audience(int port, int subscriberCount, int pipeline, int messageBytes) throws IOException {
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
            publisher = LoadConnection.open(port, selector, 0);
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

        @Override
        public long delivered() {
            return arrivedBytes / wireBytes;
        }

        @Override
        public Histogram times() {
            return times;
        }

        @Override
        public void run(double seconds) throws IOException {
            long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            while (System.nanoTime() < end) {
                publish();
                selector.select(onReady, SELECT_MS);
            }
        }

        private void ready(SelectionKey key) {
            try {
                if (key.attachment() == null) {
                    receive((SocketChannel) key.channel());
                } else if (publisher.receive(buffer)) {
                    answered = true;
                    long nanos = System.nanoTime() - publisher.sentNanos();
                    times.recordValue(Math.min(nanos, LoadThread.LATENCY_NANOS_MAX));
                }
            } catch (IOException lost) {
                throw new UncheckedIOException(lost);
            }
        }

        private void publish() throws IOException {
            long behind = published * subscribers.size() - delivered();
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
}
