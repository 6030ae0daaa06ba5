package io.nuthatch.engine;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How one client's command reaches other clients: the one way for all that is sent out of turn.
///
/// ```
///   sender's thread                                  receivers' threads
///   PUBLISH, a change, MONITOR -> Inbox.put  ──►  Inbox of each event loop -> Inbox.deliver -> output of each client
///                                 Inbox's bell, once for all that the sender's event loop has put in one turn
/// ```
/// What a sender puts arrives in the order in which it was put. An event loop empties its inbox before it runs what
/// a client has sent: so whoever has the reply to a command knows that others see what it has told them before the
/// reply to anything they ask from then on.
///
/// Bound: while an inbox holds [#FULL_BYTES] and more, commands that may put something in one are put off, and keys
/// do not expire by themselves. Nobody who holds a lock ever waits for room.
///
/// Threads: any.
public final class Mail {
    /// What an event loop can hand to its clients in some milliseconds.
    static final long FULL_BYTES = 16 << 20;

    private final AtomicInteger fullInboxes = new AtomicInteger();

    /// The worker of each event loop, on that loop's thread.
    private final ThreadLocal<@Nullable Worker> workers = new ThreadLocal<>();

    /// Sends a message to one client.
    void send(Session to, Message message) {
        to.worker().inbox().put(to, message);
    }

    /// Whether those who may send have to wait.
    boolean isCongested() {
        return fullInboxes.get() > 0;
    }

    void filled() {
        fullInboxes.incrementAndGet();
    }

    void relieved() {
        fullInboxes.decrementAndGet();
    }

    /// Says that the calling thread is a worker's from now on.
    void employ(Worker worker) {
        workers.set(worker);
    }

    /// The worker of the calling thread, or null if it is not an event loop's.
    @Nullable
    Worker worker() {
        return workers.get();
    }
}
