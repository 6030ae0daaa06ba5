package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;

/// An entry of a stream that has been delivered to a consumer of a group and not acknowledged: a window that
/// goes over those of the group, or of one consumer, by ID; or over those of the group by the time of delivery.
///
/// ```java
///   for (boolean more = pending.seek(id); more; more = pending.next()) { … }
/// ```
/// While it goes about, entries are added and taken out through itself only.
public final class PendingEntry {
    /// The most deliveries that are counted.
    public static final long MOST_DELIVERIES = Long.MAX_VALUE;

    private final StreamGroups home;
    private final long group;

    /// Whose entries these are; 0 for the whole group's.
    private final long consumer;

    private long at;

    /// The neighbour in the list, read before the entry is changed.
    private long newer;

    PendingEntry(StreamGroups home, long group, long consumer) {
        this.home = home;
        this.group = group;
        this.consumer = consumer;
    }

    private boolean goTo(long entry) {
        at = entry;
        return entry != 0;
    }

    // -------------------------------------------------------------------------------------------------- going about

    /// Goes to the first that has this ID or a higher one. Returns whether there is one, as all of these do.
    public boolean seek(StreamId id) {
        return goTo(
                consumer == 0
                        ? home.firstFrom(group, id.ms(), id.seq())
                        : home.firstOwned(consumer, id.ms(), id.seq()));
    }

    public boolean next() {
        return goTo(consumer == 0 ? home.nextOf(group) : home.nextOwned(consumer));
    }

    /// Goes to the one of this very ID, in the whole group.
    public boolean find(StreamId id) {
        return goTo(home.find(group, id.ms(), id.seq()));
    }

    /// Goes to the one with the highest ID of the group.
    public boolean last() {
        return goTo(home.last(group));
    }

    /// Goes to the one that was returned first, or else was delivered the longest ago.
    public boolean oldest() {
        return goToListed(Memory.getLong(group + StreamGroups.OLDEST));
    }

    /// Goes on from there. What has been made of this one meanwhile does not matter.
    public boolean newer() {
        return goToListed(newer);
    }

    private boolean goToListed(long entry) {
        newer = entry == 0 ? 0 : Memory.getLong(entry + StreamGroups.NEWER);
        return goTo(entry);
    }

    /// Adds an entry that no consumer has, and goes there. It must be given to one, or returned.
    public void add(StreamId id, long nowMs, long deliveries) {
        goTo(home.addUnowned(group, id.ms(), id.seq(), nowMs, deliveries));
    }

    // -------------------------------------------------------------------------------------------------- reading

    public StreamId id() {
        return new StreamId(
                Memory.getLong(at + StreamGroups.PENDING_MS), Memory.getLong(at + StreamGroups.PENDING_SEQ));
    }

    private long owner() {
        return Memory.getLong(at + StreamGroups.OWNER_CONSUMER);
    }

    /// Whether a consumer has it, and not returned it.
    public boolean isOwned() {
        return owner() > StreamGroups.NOBODY;
    }

    /// Moves a window to the name of the consumer who has it; of one that was returned it is empty.
    public Bytes consumerName(Bytes window) {
        return isOwned() ? new StreamConsumer(home, owner()).name(window) : window.set(at, 0);
    }

    /// When it was last delivered, in milliseconds since 1970; 0 if it was returned.
    public long deliveredMs() {
        return Memory.getLong(at + StreamGroups.DELIVERED_MS);
    }

    /// How often it has been delivered.
    public long deliveries() {
        return StreamGroups.deliveries(at);
    }

    // -------------------------------------------------------------------------------------------------- changing

    public void deliveries(long count) {
        home.deliveries(at, count);
    }

    /// Counts one more delivery.
    public void countDelivery() {
        if (deliveries() != MOST_DELIVERIES) {
            deliveries(deliveries() + 1);
        }
    }

    /// Makes it a consumer's, as if delivered at a time.
    public void give(StreamConsumer to, long deliveredMs) {
        home.give(at, to.at());
        home.redeliver(at, deliveredMs);
    }

    /// Notes that its consumer has been given it again.
    public void redeliver(long deliveredMs) {
        home.redeliver(at, deliveredMs);
    }

    /// Takes it from its consumer, for anyone to claim at once.
    public void giveBack() {
        home.giveBack(at);
    }

    /// Takes it out, as acknowledged. To go on, seek the next.
    public void acknowledge() {
        home.acknowledge(at);
        at = 0;
    }
}
