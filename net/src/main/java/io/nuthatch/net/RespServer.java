package io.nuthatch.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves clients over sockets.
///
/// ```
///   Listeners (one thread accepts) -> Door -> Connection, on one of the Loops (`io-threads` of them)
/// ```
///
/// A thread of its own accepts, so that `bind` and `port` can be changed from an event loop, which may not wait for
/// itself.
public final class RespServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RespServer.class);

    /// How long the end waits for clients to take the last replies. One that does not read is no reason to wait longer.
    private static final long GOODBYE_MS = 2_000;

    private final Config config;
    private final Listeners listeners;
    private final MultiThreadIoEventLoopGroup acceptor;
    private final MultiThreadIoEventLoopGroup threads;
    private final Map<EventLoop, Loop> loops = new IdentityHashMap<>();

    /// Makes a server that does not listen yet.
    public RespServer(Engine engine) {
        this(engine, Transport.best());
    }

    RespServer(Engine engine, Transport transport) {
        this.config = engine.config();
        this.acceptor =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("nuthatch-accept"), transport.ioHandlers());
        this.threads = new MultiThreadIoEventLoopGroup(
                Math.toIntExact(config.ioThreads.value()),
                new DefaultThreadFactory("nuthatch-io"),
                transport.ioHandlers());
        ClientMemory memory = new ClientMemory(engine);
        threads.forEach(each -> {
            EventLoop thread = (EventLoop) each;
            loops.put(thread, new Loop(engine, thread, engine.newWorker(thread, random()), memory));
        });
        this.listeners = new Listeners(transport, bootstrap(new Door(engine, transport, this::loop)), config);
        config.maxmemoryClients.follow(memory::makeRoom);
    }

    private static RandomGenerator random() {
        return RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create();
    }

    private ServerBootstrap bootstrap(Door door) {
        return new ServerBootstrap()
                .group(acceptor, threads)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(door);
    }

    Listeners listeners() {
        return listeners;
    }

    private Loop loop(Channel channel) {
        return Objects.requireNonNull(loops.get(channel.eventLoop()));
    }

    /// Listens where the configuration says, and from now on wherever it comes to say.
    ///
    /// @throws IOException with the place and the reason, if one of them cannot be had
    public void listen() throws IOException {
        listeners.listen();
        if (!config.unixsocket.value().isEmpty()) {
            listeners.listen(config.dir.value().resolve(config.unixsocket.value()));
        }
        if (listeners.isEmpty()) {
            throw new IOException("there is nowhere to listen: port is 0 or bind is empty, and there is no unixsocket");
        }
        config.port.follow(() -> move("Unable to listen on this port. Check server logs."));
        config.bind.follow(() -> move("Failed to bind to specified addresses."));
    }

    private void move(String refusal) {
        try {
            listeners.listen();
        } catch (IOException fault) {
            LOG.warn("{}", fault.getMessage());
            throw new IllegalArgumentException(refusal, fault);
        }
    }

    /// Accepts nobody any more, sends what has been answered, closes all connections and ends the threads.
    ///
    /// A second time does nothing.
    @Override
    public void close() {
        if (threads.isShuttingDown()) {
            return;
        }
        listeners.close();
        List<ChannelFuture> goodbyes = new ArrayList<>();
        loops.values().forEach(loop -> goodbyes.addAll(loop.sayGoodbye()));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MS);
        for (ChannelFuture goodbye : goodbyes) {
            goodbye.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        acceptor.shutdownGracefully(0, GOODBYE_MS, TimeUnit.MILLISECONDS);
        threads.shutdownGracefully(0, GOODBYE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        acceptor.terminationFuture().awaitUninterruptibly();
        loops.values().forEach(Loop::free);
    }
}
