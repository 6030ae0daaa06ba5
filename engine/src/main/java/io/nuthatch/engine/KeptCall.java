package io.nuthatch.engine;

import io.nuthatch.memory.Memory;

/// A call that waits for a key, its words copied out of the input buffer.
///
/// Thread: whoever holds it frees it, once.
///
/// @param block the memory in which its words stand
record KeptCall(Call call, Command command, long block, long blockBytes) {
    static KeptCall of(Call call, Command command) {
        long bytes = call.request().copyBytes();
        long block = Memory.allocate(bytes);
        Call copy = new Call();
        copy.copy(call, block);
        return new KeptCall(copy, command, block, bytes);
    }

    void free() {
        call.request().release();
        Memory.free(block, blockBytes);
    }
}
