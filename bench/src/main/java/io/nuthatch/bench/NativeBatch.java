package io.nuthatch.bench;

import io.nuthatch.memory.Memory;
import java.nio.ByteBuffer;

/// A pipeline of requests in native memory, as a server sees one that has arrived, for microbenchmarks.
///
/// Thread: its owner's.
final class NativeBatch implements AutoCloseable {
    private final RequestBatch batch;
    private final RandomNumbers random = new RandomNumbers(1);
    private final byte[] copy;
    private final long address;
    private long sequence;

    NativeBatch(RequestBatch batch) {
        this.batch = batch;
        copy = new byte[batch.sizeBytes()];
        address = Memory.allocate(copy.length);
        renew();
    }

    /// Writes new numbers into the requests: some 15 ns for each.
    void renew() {
        batch.renew(random, sequence);
        sequence += batch.requests();
        ByteBuffer bytes = batch.bytes();
        bytes.get(copy);
        Memory.copy(copy, 0, address, copy.length);
    }

    long address() {
        return address;
    }

    long end() {
        return address + copy.length;
    }

    @Override
    public void close() {
        Memory.free(address, copy.length);
    }
}
