package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import org.jspecify.annotations.Nullable;

/// One of those who share a stream in a group: a window onto the consumer's block ([StreamGroups]).
///
/// Valid as long as the transaction, and until the consumer is removed.
public final class StreamConsumer {
    /// The time of what has not happened yet.
    public static final long NEVER = -1;

    private final StreamGroups home;
    private final long at;

    StreamConsumer(StreamGroups home, long at) {
        this.home = home;
        this.at = at;
    }

    long at() {
        return at;
    }

    /// Moves a window to the name.
    public Bytes name(Bytes window) {
        return window.set(at + StreamGroups.CONSUMER_NAME, Memory.getInt(at + StreamGroups.NAME_LENGTH));
    }

    /// The next consumer of the group by name, or null.
    public @Nullable StreamConsumer next() {
        long next = home.consumerAfter(at);
        return next == 0 ? null : new StreamConsumer(home, next);
    }

    /// When it last asked for anything, in milliseconds since 1970.
    public long seenMs() {
        return Memory.getLong(at + StreamGroups.SEEN_MS);
    }

    public void seenMs(long nowMs) {
        home.keepConsumer(at);
        Memory.putLong(at + StreamGroups.SEEN_MS, nowMs);
    }

    /// When it last got anything, or [#NEVER].
    public long activeMs() {
        return Memory.getLong(at + StreamGroups.ACTIVE_MS);
    }

    public void activeMs(long nowMs) {
        Memory.putLong(at + StreamGroups.ACTIVE_MS, nowMs);
    }

    /// How many entries it has not acknowledged.
    public long pendingCount() {
        return Memory.getLong(at + StreamGroups.CONSUMER_PENDING);
    }

    /// A window onto its pending entries, on none yet.
    public PendingEntry pending() {
        return new PendingEntry(home, Memory.getLong(at), at);
    }

    /// Removes the consumer, and what it has not acknowledged.
    public void remove() {
        home.removeConsumer(at);
    }
}
