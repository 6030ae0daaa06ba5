package io.nuthatch.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What waits to be told to the clients of one event loop ([Mail]).
///
/// Shape: a stack of deliveries, which the loop takes off as a whole and turns round. So who puts one on needs one
/// compare-and-swap, and knows from it whether the loop has to be woken.
///
/// Threads: any thread puts, the event loop delivers.
public final class Inbox {
    /// What a delivery takes besides its message.
    private static final int OWN_BYTES = 32;

    private final Mail mail;
    private final AtomicReference<@Nullable Delivery> latest = new AtomicReference<>();
    private final Runnable overflow;

    /// Whether something was lost since the last [#deliver].
    private final AtomicBoolean overflowed = new AtomicBoolean();

    private volatile Runnable bell = () -> {};

    private static final class Delivery {
        private final Receivers to;
        private final Message message;

        /// What was put before, and after [#inOrder] what was put afterwards.
        private @Nullable Delivery next;

        private Delivery(Receivers to, Message message) {
            this.to = to;
            this.message = message;
        }
    }

    /// @param overflow closes all clients of the event loop that may have missed something; on its thread
    Inbox(Mail mail, Runnable overflow) {
        this.mail = mail;
        this.overflow = overflow;
    }

    /// Says how to wake the event loop; on its own thread it has [#deliver] called when the loop's turn ends.
    public void bell(Runnable ring) {
        bell = ring;
    }

    void put(Receivers to, Message message) {
        if (!mail.admit(message.sizeBytes() + OWN_BYTES)) {
            if (overflowed.compareAndSet(false, true)) {
                wake();
            }
            return;
        }
        Delivery delivery = new Delivery(to, message);
        Delivery before = latest.get();
        while (true) {
            delivery.next = before;
            if (latest.compareAndSet(before, delivery)) {
                break;
            }
            before = latest.get();
        }
        if (before == null) {
            wake();
        }
    }

    /// An event loop wakes others when its turn ends, for all that it has to say.
    private void wake() {
        Worker sender = mail.worker();
        if (sender == null) {
            bell.run();
        } else {
            sender.ringLater(this);
        }
    }

    void ring() {
        bell.run();
    }

    public boolean isEmpty() {
        return latest.get() == null && !overflowed.get();
    }

    /// Hands all that waits to the clients. To be called on the event loop, between two commands.
    public void deliver() {
        Delivery next = inOrder(latest.getAndSet(null));
        while (next != null) {
            Message message = next.message;
            next.to.forEach(session -> session.peer().tell(message));
            mail.delivered(message.sizeBytes() + OWN_BYTES);
            next = next.next;
        }
        if (overflowed.getAndSet(false)) {
            overflow.run();
        }
    }

    private static @Nullable Delivery inOrder(@Nullable Delivery newest) {
        Delivery done = null;
        Delivery left = newest;
        while (left != null) {
            Delivery before = left.next;
            left.next = done;
            done = left;
            left = before;
        }
        return done;
    }
}
