package io.nuthatch.persistence;

/// A part of an RDB file: where its keys are, and what stands in front of them.
///
/// Thread: the reader's until it is handed over, then a worker's.
final class RdbBatch {
    /// Comes after all others.
    static final RdbBatch LAST = new RdbBatch(0);

    /// So many that handing one over costs nothing, and few enough that all workers have some.
    private static final int MOST_KEYS = 512;

    private static final int MOST_BYTES = 256 * 1024;

    /// The checksum of a part, to be joined with those of the others. Written by the worker, read when it has ended.
    static final class Sum {
        long checksum;
        long bytes;
    }

    final Sum sum = new Sum();
    final long from;
    long to;

    /// What was read ahead. It is kept so that the reading is not optimized away.
    long touched;

    private final int[] databases = new int[MOST_KEYS];
    private final long[] offsets = new long[MOST_KEYS];
    private final long[] deadlines = new long[MOST_KEYS];
    private final int[] idleSeconds = new int[MOST_KEYS];
    private final short[] frequencies = new short[MOST_KEYS];
    private int count;

    RdbBatch(long from) {
        this.from = from;
    }

    void add(int db, long offset, long deadlineMs, long idle, long frequency) {
        databases[count] = db;
        offsets[count] = offset;
        deadlines[count] = deadlineMs;
        idleSeconds[count] = (int) idle;
        frequencies[count] = (short) frequency;
        count++;
    }

    /// @param offset how far the file has been read
    boolean isFull(long offset) {
        return count == MOST_KEYS || offset - from >= MOST_BYTES;
    }

    int count() {
        return count;
    }

    int database(int index) {
        return databases[index];
    }

    long offset(int index) {
        return offsets[index];
    }

    long deadlineMs(int index) {
        return deadlines[index];
    }

    long idleSeconds(int index) {
        return idleSeconds[index];
    }

    long frequency(int index) {
        return frequencies[index];
    }
}
