package io.nuthatch.engine;

import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the commands of waiting clients on behalf of them, and sends the answers on their way.
///
/// ```
///   locked:              attempt, attempt ...     take the element, write the reply, keep it
///   the turn is over:    deliver                  each answer to its client's event loop
/// ```
/// So a key's lock is not held while event loops are woken. And what a client has pushed in one go is all there
/// when another client, whom its first element served, goes on with its next requests: they find it, and need not
/// wait.
///
/// Thread: its owner's, a worker's or the heartbeat's.
final class HandOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    private final Engine engine;
    private final ReplyBuffer buffer = new ReplyBuffer();
    private final List<Delivery> deliveries = new ArrayList<>();

    private record Delivery(Session to, Answer answer) {}

    HandOver(Engine engine) {
        this.engine = engine;
    }

    /// Runs a client's command again. The client is locked.
    ///
    /// @return whether it has been answered
    boolean attempt(Waiter waiter, int key, Tx tx) {
        ReplySink reply = open(waiter);
        boolean answered;
        try {
            answered = waiter.wait.again().run(key, waiter.kept.call().args(), tx, reply);
        } catch (CommandError error) {
            answered = true;
            fail(waiter, error, reply);
        } catch (RuntimeException | Error fault) {
            LOG.error(
                    "waiting command failed: command={}", waiter.kept.command().fullName(), fault);
            answered = true;
            waiter.hasFailed = true;
            buffer.clear();
            reply.error("ERR internal error, see the server's log");
            waiter.session.close();
        }
        if (answered) {
            if (tx.wantsEffects()) {
                waiter.session.wrote();
            }
            keep(waiter);
        }
        return answered;
    }

    /// Answers a client that has been settled without a key's doing: its time is up.
    void answerNone(Waiter waiter) {
        ReplySink reply = open(waiter);
        waiter.wait.none().accept(reply);
        keep(waiter);
    }

    /// Answers a client that has been settled with an error.
    void answer(Waiter waiter, CommandError error) {
        fail(waiter, error, open(waiter));
        keep(waiter);
    }

    private ReplySink open(Waiter waiter) {
        buffer.protocol(waiter.session.protocol());
        return buffer;
    }

    private void fail(Waiter waiter, CommandError error, ReplySink reply) {
        waiter.hasFailed = true;
        engine.count(error);
        buffer.clear();
        reply.error(error.line());
    }

    private void keep(Waiter waiter) {
        Answer answer = waiter.isSilent ? Answer.SILENCE : buffer.take();
        buffer.clear();
        deliveries.add(new Delivery(waiter.session, answer));
    }

    boolean isEmpty() {
        return deliveries.isEmpty();
    }

    /// Sends the answers on their way. No lock is held.
    void deliver() {
        for (int i = 0; i < deliveries.size(); i++) {
            Delivery each = deliveries.get(i);
            each.to().peer().answer(each.answer());
        }
        deliveries.clear();
    }
}
