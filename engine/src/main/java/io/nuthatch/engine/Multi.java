package io.nuthatch.engine;

import io.nuthatch.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/// A client's transaction between MULTI and EXEC: the commands that wait, copied out of the input buffer.
///
/// Bound: `client-query-buffer-limit`, kept by the [Engine].
///
/// Thread: the client's. The memory is freed by [#close].
final class Multi implements AutoCloseable {
    private final List<Queued> queue = new ArrayList<>();
    private long copiedBytes;
    private boolean broken;
    private volatile int count;
    private volatile long bytes;

    /// A command that waits, and the block of memory in which its words stand.
    record Queued(Call call, Command command, long block, long blockBytes) {}

    void add(Call call, Command command) {
        long blockBytes = 1;
        for (int i = 0; i < call.request().count(); i++) {
            blockBytes += call.request().word(i).length();
        }
        long block = Memory.allocate(blockBytes);
        Call copy = new Call();
        copy.copy(call, block);
        queue.add(new Queued(copy, command, block, blockBytes));
        count = queue.size();
        copiedBytes += blockBytes;
        bytes = copiedBytes;
    }

    List<Queued> queue() {
        return queue;
    }

    /// How many commands wait. Any thread may ask.
    int count() {
        return count;
    }

    /// The memory that they take. Any thread may ask.
    long bytes() {
        return bytes;
    }

    /// A command was refused, so the transaction as a whole will be.
    void breakOff() {
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    @Override
    public void close() {
        for (Queued each : queue) {
            Memory.free(each.block(), each.blockBytes());
        }
        queue.clear();
    }
}
