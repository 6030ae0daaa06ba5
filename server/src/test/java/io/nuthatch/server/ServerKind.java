package io.nuthatch.server;

/// The servers that one and the same test is held against.
enum ServerKind {
    REDIS {
        @Override
        ServerUnderTest start() {
            return RealRedis.start();
        }
    },
    NUTHATCH {
        @Override
        ServerUnderTest start() {
            return InProcessNuthatch.start();
        }
    };

    /// Starts a server of this kind, empty and with its default configuration.
    abstract ServerUnderTest start();
}
