package io.nuthatch.engine;

import io.nuthatch.memory.Memory;
import io.nuthatch.resp.RespWriter;

/// Where a reply is written that belongs to another client than the one whose command runs.
///
/// Thread: its owner's. The memory lives as long as the owner's thread; what a long reply takes beyond it goes
/// back with [#take].
final class ReplyBuffer extends RespWriter {
    private static final int USUAL_BYTES = 4096;

    private final long usual = Memory.allocateForever(USUAL_BYTES);
    private long capacity = USUAL_BYTES;

    ReplyBuffer() {
        reset();
    }

    private void reset() {
        start = position = usual;
        limit = usual + USUAL_BYTES;
        capacity = USUAL_BYTES;
    }

    @Override
    protected void moreRoom(long wantedBytes, boolean ignored) {
        long written = position - start;
        long larger = Math.max(2 * capacity, written + wantedBytes + USUAL_BYTES);
        long block = Memory.allocate(larger);
        Memory.copy(start, block, written);
        release();
        start = block;
        position = block + written;
        limit = block + larger;
        capacity = larger;
    }

    private void release() {
        if (start != usual) {
            Memory.free(start, capacity);
        }
    }

    /// The reply that has been written; the buffer is empty again.
    Answer take() {
        Answer answer = Answer.of(start, position - start);
        clear();
        return answer;
    }

    /// Forgets what has been written.
    void clear() {
        release();
        reset();
    }

    @Override
    protected long handedOnBytes() {
        return 0;
    }
}
