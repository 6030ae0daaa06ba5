package io.nuthatch.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// One client of the load: at most one batch of requests is on its way at a time.
///
/// Thread: its load thread.
final class LoadConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final int number;
    private final SelectionKey key;
    private final ReplyCounter replies = new ReplyCounter();
    /// What the socket did not take at once. The batch belongs to all connections, so the rest of it is copied
    /// here.
    private @Nullable ByteBuffer rest;

    private int awaited;
    private int requests;
    private long sentNanos;

    private LoadConnection(SocketChannel channel, Selector selector, int number) throws IOException {
        this.channel = channel;
        this.number = number;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /// @param number which of the load's connections it is, from 0
    static LoadConnection open(int port, Selector selector, int number) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try {
            return new LoadConnection(channel, selector, number);
        } catch (IOException fault) {
            channel.close();
            throw fault;
        }
    }

    /// What the selector's key tells of this connection, in place of itself.
    void attach(Object owner) {
        key.attach(owner);
    }

    /// Sends a batch as it is now.
    ///
    /// @param nowNanos from when its latency counts
    void send(RequestBatch batch, long nowNanos) throws IOException {
        ByteBuffer bytes = batch.bytes();
        awaited = requests = batch.requests();
        sentNanos = nowNanos;
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            if (rest == null || rest.capacity() < batch.sizeBytes()) {
                rest = ByteBuffer.allocateDirect(batch.sizeBytes());
            }
            rest.clear().put(bytes).flip();
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    /// Sends what is left of a batch, as the socket can take more.
    void sendRest() throws IOException {
        if (rest != null) {
            channel.write(rest);
            if (!rest.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }

    /// Reads what has arrived.
    ///
    /// @param buffer any, for the time of this call
    /// @return whether that completed the batch
    boolean receive(ByteBuffer buffer) throws IOException {
        if (channel.read(buffer.clear()) < 0) {
            throw new BenchFailure("the server closed a connection; replies awaited: " + awaited);
        }
        awaited -= replies.count(buffer.flip());
        if (awaited < 0) {
            throw new BenchFailure("more replies than requests: " + -awaited);
        }
        return awaited == 0;
    }

    int number() {
        return number;
    }

    long sentNanos() {
        return sentNanos;
    }

    /// How many requests the last batch had.
    int requests() {
        return requests;
    }

    /// How many replies the last batch still waits for.
    int awaited() {
        return awaited;
    }

    long errors() {
        return replies.errors();
    }

    String firstError() {
        return replies.firstError();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
