package io.nuthatch.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.nuthatch.engine.Durability;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Worker;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An event loop with what its connections share: the worker that runs their commands, the buffer they read into, the
/// list of those with replies to send, and the rounds that find those that are idle or do not read.
///
/// ## Sending
/// The event loop reads from all connections that have something, and sends all their replies afterwards, as
/// Redis does before it sleeps. Sending after each connection's turn wakes clients one by one, which then compete
/// with the loop for the processor; and code and data of the store, and those of the kernel's sending side, would
/// push each other out of the caches with every request.
///
/// Thread: the event loop, but for what says otherwise.
final class Loop implements Runnable {
    /// How often every connection is looked at. The directives about it count in seconds.
    private static final long ROUND_MS = 1_000;

    private final Engine engine;
    private final EventLoop thread;
    private final Worker worker;
    private final ClientMemory memory;
    private final LoopBuffer readBuffer;
    private final ByteBuf buffer = Unpooled.directBuffer(LoopBuffer.BYTES, LoopBuffer.BYTES);
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final List<Connection> unsent = new ArrayList<>();

    /// Those with replies that must not be sent before changes are on disk.
    private final Set<Connection> holding = new LinkedHashSet<>();

    private final Durability durability;

    /// Whether there is any; read by the thread that brings changes to disk.
    private volatile boolean isHolding;

    private final ScheduledFuture<?> rounds;
    private boolean isToRun;

    /// A long message, as all clients of the loop share it while it is handed to them.
    private byte @Nullable [] shared;

    private @Nullable ByteBuf sharedBuffer;

    Loop(Engine engine, EventLoop thread, Worker worker, ClientMemory memory) {
        this.engine = engine;
        this.thread = thread;
        this.worker = worker;
        this.memory = memory;
        this.durability = engine.durability();
        this.readBuffer = new LoopBuffer(buffer);
        worker.inbox().bell(this::ring);
        thread.execute(worker::employ);
        this.rounds = thread.scheduleWithFixedDelay(this::makeRound, ROUND_MS, ROUND_MS, TimeUnit.MILLISECONDS);
        durability.onProgress(this::releaseLater);
    }

    Worker worker() {
        return worker;
    }

    ClientMemory memory() {
        return memory;
    }

    /// Has a [Connection] serve a new channel.
    void serve(Channel channel) {
        channel.config().setRecvByteBufAllocator(readBuffer);
        Connection connection = new Connection(engine, this, channel);
        connections.add(connection);
        channel.closeFuture().addListener(closed -> {
            connections.remove(connection);
            holding.remove(connection);
        });
        channel.pipeline().addLast(connection);
    }

    /// Sends a connection's replies when all connections that had something to say have been heard.
    void flushLater(Connection connection) {
        unsent.add(connection);
        runLater();
    }

    private void runLater() {
        if (!isToRun) {
            isToRun = true;
            // Tasks run when the ready connections have had their turn, before the loop waits again.
            thread.execute(this);
        }
    }

    /// There is something in the inbox. From any thread.
    private void ring() {
        if (thread.inEventLoop()) {
            runLater();
        } else {
            thread.execute(this);
        }
    }

    /// Hands what waits in the inbox to the clients: it is sent with their replies, at the end of the turn.
    ///
    /// The time is read for it, since how long a client has not read its messages may depend on it.
    void deliver() {
        if (!worker.inbox().isEmpty()) {
            worker.beginBatch();
            worker.inbox().deliver();
        }
    }

    /// The bytes of a message that is handed to several clients, without its first byte, which depends on the protocol.
    /// Whoever keeps it retains it.
    ByteBuf share(byte[] message) {
        ByteBuf buffer = sharedBuffer;
        if (buffer == null || shared != message) {
            unshare();
            buffer = PooledByteBufAllocator.DEFAULT.directBuffer(message.length - 1, message.length - 1);
            buffer.writeBytes(message, 1, message.length - 1);
            shared = message;
            sharedBuffer = buffer;
        }
        return buffer;
    }

    private void unshare() {
        if (sharedBuffer != null) {
            sharedBuffer.release();
            sharedBuffer = null;
            shared = null;
        }
    }

    /// The end of a turn.
    @Override
    public void run() {
        isToRun = false;
        worker.ring();
        deliver();
        long offset = durability.needed();
        for (int i = 0; i < unsent.size(); i++) {
            unsent.get(i).flush(offset);
        }
        unsent.clear();
        unshare();
        durability.nudge();
    }

    Durability durability() {
        return durability;
    }

    /// Has a connection send what it holds when an offset of the journal is on disk.
    void hold(Connection connection, long offset) {
        holding.add(connection);
        isHolding = true;
        durability.await(offset);
        if (durability.isReached(offset)) {
            releaseLater(); // It was reached before anybody could see that somebody waits.
        }
    }

    /// More changes are on disk. From any thread.
    private void releaseLater() {
        if (isHolding && !thread.isShuttingDown()) {
            thread.execute(this::release);
        }
    }

    private void release() {
        // A copy, because a connection that is closed leaves the set.
        for (Connection connection : List.copyOf(holding)) {
            if (!connection.release()) {
                holding.remove(connection);
            }
        }
        isHolding = !holding.isEmpty();
    }

    private void makeRound() {
        long nowMs = engine.clock().wallMs();
        // A copy, because a connection that is closed leaves the set.
        for (Connection connection : List.copyOf(connections)) {
            connection.check(nowMs);
        }
    }

    /// Sends what is written to every client, then closes. From any thread, before [#free].
    ///
    /// @return done when all are closed
    List<ChannelFuture> sayGoodbye() {
        return thread.submit(() -> {
                    rounds.cancel(false);
                    List<ChannelFuture> closed = new ArrayList<>();
                    for (Connection connection : List.copyOf(connections)) {
                        closed.add(connection.sayGoodbye());
                    }
                    return closed;
                })
                .syncUninterruptibly()
                .getNow();
    }

    /// When the thread has ended.
    void free() {
        buffer.release();
    }
}
