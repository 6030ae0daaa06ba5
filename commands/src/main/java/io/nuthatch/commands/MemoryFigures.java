package io.nuthatch.commands;

import io.nuthatch.engine.Engine;
import io.nuthatch.engine.MemoryWatch;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.PagePool;
import io.nuthatch.store.Keyspace;
import java.util.ArrayList;
import java.util.List;

/// Where the memory is, at one moment: what INFO memory and MEMORY STATS tell.
///
/// ```
///   process (resident)
///     └ held by the allocator: pages in use, pages kept warm, blocks of the C library
///         └ active: pages in use, and those blocks
///             └ used: what `maxmemory` limits
///                 ├ overhead: indexes and timing wheels
///                 └ dataset: keys and values
/// ```
///
/// Buffers of clients are outside of `used`: no key is evicted because a client is slow.
///
/// @param residentBytes physical memory of the process, JVM included; 0 where the system does not tell
/// @param databases those that have keys
record MemoryFigures(
        long usedBytes,
        long residentBytes,
        long peakBytes,
        long peakMs,
        long startupBytes,
        long activeBytes,
        long heldBytes,
        long clientsBytes,
        long keys,
        List<Database> databases) {

    /// What serves to find and to expire the keys of a database.
    record Database(int number, long indexBytes, long wheelBytes) {}

    static MemoryFigures of(Session session) {
        Engine engine = session.engine();
        Keyspace keyspace = engine.keyspace();
        engine.observe();
        long used = keyspace.exactUsedBytes();
        // Pages belong to the process, of which the store is the only user.
        long active = Math.max(used, PagePool.inUseBytes() + keyspace.outsideBytes());
        MemoryWatch watch = engine.memoryWatch();
        List<Database> databases = new ArrayList<>();
        long keys = 0;
        for (int db = 0; db < keyspace.databases(); db++) {
            long size = session.tx().size(db);
            keys += size;
            if (size > 0) {
                databases.add(new Database(db, keyspace.indexBytes(db), keyspace.wheelBytes(db)));
            }
        }
        return new MemoryFigures(
                used,
                ProcessFigures.residentBytes(),
                Math.max(used, watch.peakBytes()),
                watch.peakMs(),
                watch.startupBytes(),
                active,
                active + PagePool.idleBytes(),
                clientsBytes(engine),
                keys,
                databases);
    }

    private static long clientsBytes(Engine engine) {
        return engine.clients().all().stream()
                .map(Session::peer)
                .mapToLong(Session.Peer::memoryBytes)
                .sum();
    }

    long overheadBytes() {
        return startupBytes
                + databases.stream()
                        .mapToLong(each -> each.indexBytes() + each.wheelBytes())
                        .sum();
    }

    long datasetBytes() {
        return Math.max(0, usedBytes - overheadBytes());
    }

    /// The share of the data in what was not used from the start.
    double datasetPercent() {
        long net = usedBytes - startupBytes;
        return net <= 0 ? 0 : 100.0 * datasetBytes() / net;
    }

    double peakPercent() {
        return peakBytes == 0 ? 100 : 100.0 * usedBytes / peakBytes;
    }

    long bytesPerKey() {
        return keys == 0 ? 0 : Math.max(0, usedBytes - startupBytes) / keys;
    }

    long heapUsedBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    long heapCommittedBytes() {
        return Runtime.getRuntime().totalMemory();
    }
}
