package io.nuthatch.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/// What carries the bytes: native epoll where it loads, Java's NIO elsewhere. All that is different between the two is
/// here.
enum Transport {
    EPOLL {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory(0, () -> PoliteSelect.INSTANCE);
        }

        @Override
        ServerChannel tcp(SocketProtocolFamily family) {
            return new EpollServerSocketChannel(family);
        }

        @Override
        boolean canBeIpv6Only() {
            return true;
        }

        @Override
        void ipv6Only(Channel channel) {
            channel.config().setOption(IPV6_V6ONLY, 1);
        }

        @Override
        ServerChannel unix() {
            return new EpollServerDomainSocketChannel();
        }

        @Override
        SocketAddress unixAddress(String path) {
            return new DomainSocketAddress(path);
        }

        @Override
        Map<ChannelOption<Integer>, Integer> keepAlive(int idle, int interval, int count) {
            return Map.of(
                    EpollChannelOption.TCP_KEEPIDLE, idle,
                    EpollChannelOption.TCP_KEEPINTVL, interval,
                    EpollChannelOption.TCP_KEEPCNT, count);
        }
    },
    NIO {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory(SelectorProvider.provider(), () -> PoliteSelect.INSTANCE);
        }

        @Override
        ServerChannel tcp(SocketProtocolFamily family) {
            return new NioServerSocketChannel(SelectorProvider.provider(), family);
        }

        @Override
        boolean canBeIpv6Only() {
            return false;
        }

        @Override
        void ipv6Only(Channel channel) {
            throw new IllegalStateException("Java's sockets for IPv6 listen on IPv4 as well");
        }

        @Override
        ServerChannel unix() {
            return new NioServerDomainSocketChannel();
        }

        @Override
        SocketAddress unixAddress(String path) {
            return UnixDomainSocketAddress.of(path);
        }

        @Override
        Map<ChannelOption<Integer>, Integer> keepAlive(int idle, int interval, int count) {
            return Map.of(
                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idle,
                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), interval,
                    NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), count);
        }
    };

    /// `<netinet/in.h>` of Linux: IPPROTO_IPV6 and IPV6_V6ONLY.
    private static final ChannelOption<Integer> IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    /// Of an unanswered keep-alive probe there are this many before the connection counts as dead.
    private static final int KEEPALIVE_PROBES = 3;

    /// The fastest that works on this machine.
    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    abstract ServerChannel tcp(SocketProtocolFamily family);

    /// Whether a socket for all of IPv6 can leave IPv4 alone.
    abstract boolean canBeIpv6Only();

    /// Has a socket for all of IPv6 leave IPv4 alone; before it is bound.
    abstract void ipv6Only(Channel channel);

    abstract ServerChannel unix();

    abstract SocketAddress unixAddress(String path);

    abstract Map<ChannelOption<Integer>, Integer> keepAlive(int idle, int interval, int count);

    /// Has the kernel look for a client that has been silent for so long; 0 for never. As in Redis, it takes twice the
    /// time to find out that there is none.
    void keepAlive(Channel channel, int seconds) {
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, seconds > 0);
        if (seconds > 0) {
            keepAlive(seconds, Math.max(1, seconds / KEEPALIVE_PROBES), KEEPALIVE_PROBES)
                    .forEach((option, value) -> channel.config().setOption(option, value));
        }
    }
}
