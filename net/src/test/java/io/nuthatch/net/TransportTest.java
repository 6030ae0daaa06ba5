package io.nuthatch.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportTest {
    private static Channel channel(Transport transport) {
        // Loads the native library.
        assertThat(Transport.best()).isEqualTo(Transport.EPOLL);
        return switch (transport) {
            case EPOLL -> new EpollSocketChannel();
            case NIO -> new NioSocketChannel();
        };
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void theKernelLooksForSilentClients(Transport transport) {
        Channel channel = channel(transport);
        try {
            transport.keepAlive(channel, 90);
            assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
            transport
                    .keepAlive(90, 30, 3)
                    .forEach((option, value) -> assertThat(channel.config().getOption(option))
                            .as(option.name())
                            .isEqualTo(value));
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void zeroLeavesThemAlone(Transport transport) {
        Channel channel = channel(transport);
        try {
            transport.keepAlive(channel, 0);
            assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isFalse();
        } finally {
            channel.unsafe().closeForcibly();
        }
    }
}
