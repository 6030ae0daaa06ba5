package io.nuthatch.net;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

/// How an event loop waits: before it sleeps it offers the processor to whoever wants it, and looks once more.
///
/// Where clients run on the same machine, the loop has often answered them all before they could ask again. Sleeping
/// then costs two switches and, worse, makes the next request pay for waking the loop. A loop that has only stood aside
/// is still awake, and finds the requests of many clients at once. Where nobody wants the processor it has cost
/// two short system calls, and the loop sleeps as ever: it never spins.
///
/// Threads: each event loop calls it for itself; it has no state.
final class PoliteSelect implements SelectStrategy {
    static final PoliteSelect INSTANCE = new PoliteSelect();

    private PoliteSelect() {}

    @Override
    public int calculateStrategy(IntSupplier ready, boolean hasTasks) throws Exception {
        if (hasTasks) {
            return ready.get();
        }
        Thread.yield();
        int count = ready.get();
        return count > 0 ? count : SELECT;
    }
}
