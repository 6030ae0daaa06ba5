package io.nuthatch.store;

import java.util.random.RandomGenerator;

/// Evicts keys when memory runs short.
final class Eviction {
    private final Keyspace keyspace;

    Eviction(Keyspace keyspace) {
        this.keyspace = keyspace;
    }

    boolean makeRoom(long bytes, long nowMs, RandomGenerator random) {
        long limit = keyspace.settings().maxMemoryBytes;
        return limit == 0 || keyspace.usedBytes() + bytes <= limit;
    }
}
