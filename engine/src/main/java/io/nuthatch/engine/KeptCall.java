package io.nuthatch.engine;

import io.nuthatch.memory.Memory;

/// A call that waits, for EXEC or for a key, its words copied out of the input buffer.
///
/// Thread: whoever holds it frees it, once.
///
/// @param block the memory of its own in which its words stand, or 0 if they stand in somebody else's
record KeptCall(Call call, Command command, long block, long blockBytes) {
    /// A copy in a block of its own.
    static KeptCall of(Call call, Command command) {
        long bytes = wordBytes(call) + 1;
        long block = Memory.allocate(bytes);
        return new KeptCall(copy(call, block), command, block, bytes);
    }

    /// A copy in memory that has room for it ([#wordBytes]).
    static KeptCall at(long address, Call call, Command command) {
        return new KeptCall(copy(call, address), command, 0, 0);
    }

    private static Call copy(Call call, long address) {
        Call copy = new Call();
        copy.copy(call, address);
        return copy;
    }

    /// How many bytes its words have.
    static long wordBytes(Call call) {
        long bytes = 0;
        for (int i = 0; i < call.request().count(); i++) {
            bytes += call.request().word(i).length();
        }
        return bytes;
    }

    void free() {
        call.request().release();
        if (block != 0) {
            Memory.free(block, blockBytes);
        }
    }
}
