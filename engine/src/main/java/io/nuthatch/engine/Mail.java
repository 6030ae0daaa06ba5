package io.nuthatch.engine;

import java.util.concurrent.atomic.AtomicLong;
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
/// Bound: while [#FULL_BYTES] and more are under way, commands that may add to it are put off, and keys do not
/// expire by themselves. Nobody who holds a lock ever waits for room. What even so goes beyond [#MAX_BYTES], as a
/// transaction can bring about, is lost, and with it all clients of the event loop that may have missed something:
/// they are closed.
///
/// Threads: any.
public final class Mail {
    /// What event loops can hand to their clients in some milliseconds.
    static final long FULL_BYTES = 8 << 20;

    /// A fifth of the heap that the server starts with.
    static final long MAX_BYTES = 48 << 20;

    private final AtomicLong waitingBytes = new AtomicLong();

    /// The worker of each event loop, on that loop's thread.
    private final ThreadLocal<@Nullable Worker> workers = new ThreadLocal<>();

    /// Sends a message to one client.
    void send(Session to, Message message) {
        to.worker().inbox().put(to, message);
    }

    /// Whether those who may send have to wait.
    boolean isCongested() {
        return waitingBytes.get() >= FULL_BYTES;
    }

    /// Counts what is put into an inbox.
    ///
    /// @return false if there is no room for it
    boolean admit(long bytes) {
        if (waitingBytes.addAndGet(bytes) <= MAX_BYTES) {
            return true;
        }
        waitingBytes.addAndGet(-bytes);
        return false;
    }

    /// Counts what has been taken out.
    void delivered(long bytes) {
        waitingBytes.addAndGet(-bytes);
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
