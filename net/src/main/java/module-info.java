import org.jspecify.annotations.NullMarked;

/// Nuthatch's module for sockets, TLS and flow control.
@NullMarked
module io.nuthatch.net {
    requires static transitive org.jspecify;
    requires transitive io.nuthatch.engine;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires jdk.net;
    requires org.slf4j;

    exports io.nuthatch.net;
}
