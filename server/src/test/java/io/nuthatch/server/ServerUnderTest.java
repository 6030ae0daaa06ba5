package io.nuthatch.server;

import java.time.Duration;

/// A running server that a proof can be held against: Nuthatch in this process, or a real redis-server.
interface ServerUnderTest extends AutoCloseable {
    /// The TCP port on the loopback address.
    int port();

    /// Lets time pass for the server: it sees a clock that is further on when this returns.
    void letPass(Duration duration);

    /// Stops the server and frees what it used.
    @Override
    void close();
}
