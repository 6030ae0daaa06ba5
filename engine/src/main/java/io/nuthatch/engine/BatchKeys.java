package io.nuthatch.engine;

/// The hashes of the keys of a batch of calls that have been prepared, to be fetched ahead ([Engine#fetch]).
///
/// There is room for so many that what they lead to fits the processor's nearest caches. Those for which there is none
/// are not fetched ahead.
///
/// Thread: the worker's.
final class BatchKeys {
    private static final int ROOM = 256;

    private final long[] hashes = new long[ROOM];
    private int count;

    void add(long hash) {
        if (count < ROOM) {
            hashes[count++] = hash;
        }
    }

    int count() {
        return count;
    }

    long hash(int index) {
        return hashes[index];
    }

    void clear() {
        count = 0;
    }
}
