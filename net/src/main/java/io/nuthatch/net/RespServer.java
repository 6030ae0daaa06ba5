package io.nuthatch.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.nuthatch.engine.Engine;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for clients and gives each of them a [Connection] on one of the event loops, one loop for each core.
/// Native epoll where it loads, Java's NIO elsewhere.
public final class RespServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RespServer.class);

    private static final int BACKLOG = 511;
    private static final byte[] TOO_MANY = "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Engine engine;
    private final MultiThreadIoEventLoopGroup loops;
    private final IdentityHashMap<EventLoop, Loop> loopsByThread = new IdentityHashMap<>();
    private final List<Channel> listening = new ArrayList<>();

    /// @param threads how many event loops
    public RespServer(Engine engine, int threads) {
        this.engine = engine;
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("nuthatch-io"), io);
        loops.forEach(
                loop -> loopsByThread.put((EventLoop) loop, new Loop((EventLoop) loop, engine.newWorker(random()))));
    }

    private static RandomGenerator random() {
        return RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create();
    }

    /// Listens at an address.
    ///
    /// @return the port, which the system has chosen if 0 was asked for
    public int listen(String host, int port) throws InterruptedException {
        Class<? extends ServerChannel> kind =
                Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        Channel channel = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Without, a client that stops sending would be closed before its replies are sent.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.SO_KEEPALIVE, engine.config().tcpKeepalive.value() > 0)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new Welcome())
                .bind(host, port)
                .sync()
                .channel();
        listening.add(channel);
        int actual = ((InetSocketAddress) channel.localAddress()).getPort();
        LOG.info("listening: host={}, port={}, transport={}", host, actual, kind.getSimpleName());
        return actual;
    }

    @Override
    public void close() {
        listening.forEach(channel -> channel.close().syncUninterruptibly());
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// Greets a new connection: turns it away if there are too many, else lets a [Connection] serve it.
    private final class Welcome extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            if (engine.clients().count() >= engine.config().maxclients.value()) {
                engine.clients().refuse();
                channel.writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY)).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            Loop loop = Objects.requireNonNull(loopsByThread.get(channel.eventLoop()));
            channel.config().setRecvByteBufAllocator(loop.buffer());
            channel.pipeline().addLast(new Connection(engine, loop, channel));
        }
    }
}
