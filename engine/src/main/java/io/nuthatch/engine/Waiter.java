package io.nuthatch.engine;

import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// A client whose command waits.
///
/// It is settled once: served, timed out, released by another client, or gone. Whoever settles it answers.
///
/// Threads: made and ended on the client's own; served by any, under its monitor, which is taken after the shards'
/// locks and never before.
final class Waiter {
    /// A time that never comes, in nanoseconds.
    static final long NEVER = Long.MAX_VALUE;

    final Session session;
    final KeptCall kept;
    final Wait wait;

    /// By the engine's clock, or NEVER.
    final long deadlineNanos;

    /// What the names of its keys take ([KeyNames]).
    final long nameBytes;

    /// Whether the client wants no reply: CLIENT REPLY.
    final boolean isSilent;

    /// Its places in lines, one for each key. Each belongs to the lock of its line's shard.
    final Place[] places;

    /// Where it stands among the [Deadlines] of its worker, by whose thread it is guarded.
    int rank = Deadlines.NO_RANK;

    /// Whether the answer is an error. Written by who settles it, before the answer is on its way.
    boolean hasFailed;

    /// Guarded by the monitor, both.
    private boolean settled;

    private boolean cancelled;

    Waiter(Session session, KeptCall kept, Wait wait, long deadlineNanos, long nameBytes, boolean isSilent) {
        this.session = session;
        this.kept = kept;
        this.wait = wait;
        this.deadlineNanos = deadlineNanos;
        this.nameBytes = nameBytes;
        this.isSilent = isSilent;
        this.places = new Place[wait.lastKey() - wait.firstKey() + 1];
    }

    /// When a wait ends that begins now. What a count of nanoseconds cannot hold, some hundred years, never ends.
    static long deadlineNanos(long nowNanos, long timeoutMs) {
        if (timeoutMs == 0 || timeoutMs > (NEVER - Math.max(0, nowNanos)) / 1_000_000) {
            return NEVER;
        }
        return nowNanos + timeoutMs * 1_000_000;
    }

    boolean isLimited() {
        return deadlineNanos != NEVER;
    }

    /// Settles it.
    ///
    /// @return whether it was this call that did
    synchronized boolean settle() {
        boolean mine = !settled;
        settled = true;
        return mine;
    }

    /// Settles it without an answer.
    ///
    /// @return false if an answer is under way
    synchronized boolean cancel() {
        cancelled |= settle();
        return cancelled;
    }

    synchronized boolean isSettled() {
        return settled;
    }

    /// Serves it if a key has what it waits for.
    ///
    /// @param key the word that names the key, whose shard is locked
    /// @return whether it has been served now
    synchronized boolean serve(int key, Tx tx, HandOver by) {
        if (settled) {
            return false;
        }
        settled = by.attempt(this, key, tx);
        return settled;
    }

    /// A client's place in the [Line] before a key.
    static final class Place {
        final Waiter waiter;
        final Line line;

        /// The word that names the key.
        final int key;

        boolean isLeft;

        @Nullable
        Place before;

        @Nullable
        Place after;

        Place(Waiter waiter, Line line, int key) {
            this.waiter = waiter;
            this.line = line;
            this.key = key;
        }
    }
}
