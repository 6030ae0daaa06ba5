package io.nuthatch.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where clients come in: turns a new connection away if there are too many, or if it comes from another machine and
/// there is no password; else lets a [Connection] serve it.
///
/// Thread: the event loop of each connection.
final class Door extends ChannelInitializer<Channel> {
    private static final String TOO_MANY = "-ERR max number of clients reached\r\n";

    /// Redis's text, word for word: people search for it.
    private static final String DENIED = """
            -DENIED Redis is running in protected mode because protected mode is enabled and no password is set \
            for the default user. In this mode connections are only accepted from the loopback interface. If you want \
            to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable \
            protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting \
            to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from \
            internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just \
            disable the protected mode by editing the Redis configuration file, and setting the protected mode option \
            to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it \
            with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You \
            only need to do one of the above things in order for the server to start accepting connections from the \
            outside.\r
            """;

    private final Engine engine;
    private final Transport transport;
    private final Function<Channel, Loop> loops;
    private final AtomicInteger inside = new AtomicInteger();

    /// @param loops finds the event loop of a channel
    Door(Engine engine, Transport transport, Function<Channel, Loop> loops) {
        this.engine = engine;
        this.transport = transport;
        this.loops = loops;
    }

    @Override
    protected void initChannel(Channel channel) {
        Config config = engine.config();
        if (!enter(config.maxclients.value())) {
            turnAway(channel, TOO_MANY);
            return;
        }
        channel.closeFuture().addListener(closed -> inside.decrementAndGet());
        if (config.protectedMode.isOn() && !config.requiresPassword() && !isLocal(channel.remoteAddress())) {
            turnAway(channel, DENIED);
            return;
        }
        // Without, a client that stops sending would be closed before its replies are sent.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (channel instanceof SocketChannel) {
            channel.config().setOption(ChannelOption.TCP_NODELAY, true);
            transport.keepAlive(channel, Math.toIntExact(config.tcpKeepalive.value()));
        }
        loops.apply(channel).serve(channel);
    }

    private boolean enter(long most) {
        if (inside.incrementAndGet() <= most) {
            return true;
        }
        inside.decrementAndGet();
        return false;
    }

    private void turnAway(Channel channel, String text) {
        engine.clients().refuse();
        channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /// Whether a client is on this machine, by the rule of Redis 7.0: of the loopback addresses only the usual one of
    /// each family counts.
    static boolean isLocal(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress().getHostAddress();
            return host.equals("127.0.0.1") || host.equals("0:0:0:0:0:0:0:1");
        }
        return address != null;
    }
}
