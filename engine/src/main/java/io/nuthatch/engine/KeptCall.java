package io.nuthatch.engine;

import io.nuthatch.memory.Memory;

/// A call that waits, for EXEC or for a key, its words copied out of the input buffer into a block of their own.
///
/// Thread: whoever holds it frees it, once.
record KeptCall(Call call, Command command, long block, long blockBytes) {
    static KeptCall of(Call call, Command command) {
        long bytes = 1;
        for (int i = 0; i < call.request().count(); i++) {
            bytes += call.request().word(i).length();
        }
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
