package io.nuthatch.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.nuthatch.engine.Worker;
import java.util.ArrayList;
import java.util.List;

/// What the connections of an event loop share: the worker that runs their commands, the buffer they read into,
/// and the list of those with replies to send.
///
/// ## Sending
/// The event loop reads from all connections that have something, and sends all their replies afterwards, as
/// Redis does before it sleeps. Sending after each connection's turn wakes clients one by one, which then compete
/// with the loop for the processor; and code and data of the store, and those of the kernel's sending side, would
/// push each other out of the caches with every request.
///
/// Thread: the event loop.
final class Loop implements Runnable {
    private final EventLoop eventLoop;
    private final Worker worker;
    private final LoopBuffer buffer = new LoopBuffer(Unpooled.directBuffer(LoopBuffer.BYTES, LoopBuffer.BYTES));

    private final List<Connection> unsent = new ArrayList<>();
    private boolean isToRun;

    Loop(EventLoop eventLoop, Worker worker) {
        this.eventLoop = eventLoop;
        this.worker = worker;
    }

    Worker worker() {
        return worker;
    }

    LoopBuffer buffer() {
        return buffer;
    }

    /// Sends a connection's replies when all connections that had something to say have been heard.
    void flushLater(Connection connection) {
        unsent.add(connection);
        if (!isToRun) {
            isToRun = true;
            // Tasks run when the ready connections have had their turn, before the loop waits again.
            eventLoop.execute(this);
        }
    }

    @Override
    public void run() {
        isToRun = false;
        for (int i = 0; i < unsent.size(); i++) {
            unsent.get(i).flush();
        }
        unsent.clear();
    }
}
