package io.nuthatch.engine;

import io.nuthatch.memory.Memory;
import io.nuthatch.resp.RespWriter;

/// A reply that one client's thread has written for another client, on its way there, in a block of its own.
///
/// It stands in native memory because it may be long: it must not depend on what the Java heap has room for.
///
/// Thread: whoever holds it. The receiver calls [#moveTo] or [#free], once.
public record Answer(long address, long bytes) {
    /// What a client gets that wants no replies.
    static final Answer SILENCE = new Answer(0, 0);

    static Answer of(long from, long bytes) {
        long block = Memory.allocate(bytes);
        Memory.copy(from, block, bytes);
        return new Answer(block, bytes);
    }

    /// Writes it out, and frees it.
    public void moveTo(RespWriter output) {
        output.written(address, bytes);
        free();
    }

    public void free() {
        if (bytes > 0) {
            Memory.free(address, bytes);
        }
    }
}
