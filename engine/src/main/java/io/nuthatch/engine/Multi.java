package io.nuthatch.engine;

import java.util.ArrayList;
import java.util.List;

/// A client's transaction between MULTI and EXEC: the commands that wait, copied out of the input buffer.
///
/// Bound: `client-query-buffer-limit`, kept by the [Engine].
///
/// Thread: the client's. The memory is freed by [#close].
final class Multi implements AutoCloseable {
    private final List<KeptCall> queue = new ArrayList<>();
    private long copiedBytes;
    private boolean broken;
    private volatile int count;
    private volatile long bytes;

    void add(Call call, Command command) {
        KeptCall kept = KeptCall.of(call, command);
        queue.add(kept);
        count = queue.size();
        copiedBytes += kept.blockBytes();
        bytes = copiedBytes;
    }

    List<KeptCall> queue() {
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
        queue.forEach(KeptCall::free);
        queue.clear();
    }
}
