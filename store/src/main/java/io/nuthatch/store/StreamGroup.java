package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A group of consumers that share a stream, each of its entries being delivered to one of them: a window onto the
/// group's block ([StreamGroups]).
///
/// Valid as long as the transaction, and until the group is removed.
public final class StreamGroup {
    /// A count of entries read that cannot be told.
    public static final long UNKNOWN = -1;

    private final StreamGroups home;
    private final long at;

    StreamGroup(StreamGroups home, long at) {
        this.home = home;
        this.at = at;
    }

    long at() {
        return at;
    }

    /// Moves a window to the name.
    public Bytes name(Bytes window) {
        return window.set(at + StreamGroups.GROUP_NAME, Memory.getInt(at + StreamGroups.NAME_LENGTH));
    }

    /// The next group by name, or null.
    public @Nullable StreamGroup next() {
        return home.after(at);
    }

    /// The last ID that was delivered.
    public StreamId lastId() {
        return new StreamId(Memory.getLong(at + StreamGroups.MS), Memory.getLong(at + StreamGroups.SEQ));
    }

    /// Goes on after another ID.
    public void lastId(StreamId id) {
        home.keepGroup(at);
        Memory.putLong(at + StreamGroups.MS, id.ms());
        Memory.putLong(at + StreamGroups.SEQ, id.seq());
        Memory.putInt(at + StreamGroups.HINT_SHAPE, 0);
    }

    /// How many of the stream's entries have been delivered, deleted ones included; or [#UNKNOWN].
    public long entriesRead() {
        return Memory.getLong(at + StreamGroups.ENTRIES_READ);
    }

    public void entriesRead(long count) {
        home.keepGroup(at);
        Memory.putLong(at + StreamGroups.ENTRIES_READ, count);
    }

    /// How many entries are yet to be delivered, if that can be told.
    public OptionalLong lag() {
        StreamValue stream = home.stream;
        StreamId last = lastId();
        if (stream.entriesAdded() == 0 || stream.length() == 0) {
            return OptionalLong.of(0);
        }
        if (last.isBefore(stream.firstId()) && stream.maxDeletedId().isBefore(stream.firstId())) {
            return OptionalLong.of(stream.length());
        }
        long read =
                entriesRead() != UNKNOWN && !stream.hasGapAfter(last) ? entriesRead() : stream.distanceFromFirst(last);
        return read == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(stream.entriesAdded() - read);
    }

    // -------------------------------------------------------------------------------------------------- reading on

    /// Goes before the entries that no consumer has been given.
    public StreamCursor unread(StreamCursor cursor) {
        boolean isKnown = Memory.getInt(at + StreamGroups.HINT_SHAPE) == home.stream.shape();
        return cursor.after(
                home.stream,
                lastId(),
                isKnown ? Memory.getLong(at + StreamGroups.HINT_NODE) : 0,
                Memory.getInt(at + StreamGroups.HINT_PLACE));
    }

    /// Notes that the entry at the cursor has been read, in order.
    public void hasRead(StreamCursor cursor) {
        StreamId id = cursor.id();
        StreamId last = lastId();
        if (!id.isAfter(last)) {
            return;
        }
        StreamValue stream = home.stream;
        if (entriesRead() != UNKNOWN && !last.isBefore(stream.firstId()) && !stream.hasGapAfter(last)) {
            entriesRead(entriesRead() + 1);
        } else if (stream.entriesAdded() != 0) {
            entriesRead(stream.distanceFromFirst(id));
        }
        lastId(id);
    }

    /// Notes where the entry after the one at the cursor is, which has been read last.
    public void goOnAfter(StreamCursor cursor) {
        Memory.putLong(at + StreamGroups.HINT_NODE, cursor.node());
        Memory.putInt(at + StreamGroups.HINT_PLACE, cursor.place());
        Memory.putInt(at + StreamGroups.HINT_SHAPE, home.stream.shape());
    }

    // -------------------------------------------------------------------------------------------------- consumers

    public long consumerCount() {
        return Memory.getLong(at + StreamGroups.CONSUMERS);
    }

    /// The consumer of a name, or null.
    public @Nullable StreamConsumer consumer(Bytes name) {
        return consumerAt(home.consumer(at, name));
    }

    /// The first consumer by name, or null; [StreamConsumer#next] goes on.
    public @Nullable StreamConsumer firstConsumer() {
        return consumerAt(home.firstConsumer(at));
    }

    private @Nullable StreamConsumer consumerAt(long consumer) {
        return consumer == 0 ? null : new StreamConsumer(home, consumer);
    }

    /// Adds a consumer, whose name no other has.
    public StreamConsumer addConsumer(Bytes name, long nowMs) {
        return new StreamConsumer(home, home.addConsumer(at, name, nowMs));
    }

    // -------------------------------------------------------------------------------------------------- pending

    /// How many entries have been delivered and not acknowledged.
    public long pendingCount() {
        return Memory.getLong(at + StreamGroups.PENDING);
    }

    /// How many of them were returned by their consumers.
    public long returnedCount() {
        return Memory.getLong(at + StreamGroups.RETURNED);
    }

    /// A window onto pending entries, on none yet.
    public PendingEntry pending() {
        return new PendingEntry(home, at, 0);
    }

    /// Notes that the entry at a cursor has been delivered to a consumer, and is to be acknowledged.
    public void deliver(StreamCursor cursor, StreamConsumer consumer, long nowMs) {
        home.deliver(at, consumer.at(), cursor.ms(), cursor.seq(), nowMs);
        consumer.activeMs(nowMs);
    }

    // -------------------------------------------------------------------------------------------------- from a file

    /// Adds a pending entry that a file tells of, whose ID is higher than those before. It must be given to a
    /// consumer ([#restoreOwner]), and when all are there, they must be put in order ([#putInOrder]).
    public void restorePending(StreamId id, long deliveredMs, long deliveries) {
        home.restore(at, id, deliveredMs, deliveries);
    }

    public void restoreOwner(StreamConsumer consumer, StreamId id) {
        home.restoreOwner(consumer.at(), id);
    }

    public void putInOrder() {
        home.putInOrder(at);
    }
}
