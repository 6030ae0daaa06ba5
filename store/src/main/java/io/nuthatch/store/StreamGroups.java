package io.nuthatch.store;

import static java.util.Objects.requireNonNull;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// The groups of a stream, their consumers, and the entries that have been delivered and not acknowledged.
///
/// All of them are blocks of native memory, each in one or two trees of the whole stream, whatever group it
/// belongs to:
///
/// ```
///   groups      tree ─► [ group ] …             by name
///   consumers   tree ─► [ consumer ] …          by (group, name)
///   pending     tree ─► [ pending ] …           by (group, ID)
///   owned       tree ─────┘                     by (consumer, ID); those that no consumer has are not in it
///
///   group       0 long 0           8 int name's length, 12 int MARK
///              16 long MS, 24 long SEQ          the last ID that was delivered
///              32 long ENTRIES_READ
///              40 long PENDING                  how many are pending,
///              48 long CONSUMERS                how many consumers there are
///              56 long OLDEST, 64 long NEWEST   the ends of the list of pending entries
///              72 long LAST_RETURNED            the last of those in the list that were returned, or 0
///              80 long RETURNED                 how many those are
///              88 long HINT_NODE, 96 int HINT_PLACE, 100 int HINT_SHAPE
///             104 name
///
///   consumer    0 long group       8 int name's length, 12 int MARK
///              16 long SEEN_MS, 24 long ACTIVE_MS (-1: never)
///              32 long PENDING
///              40 name
///
///   pending     0 long group       8 long ms      16 long seq
///              24 long consumer (0: none yet, NOBODY: it was returned)
///              32 long DELIVERED_MS, 40 long DELIVERIES, whose topmost bit is the mark
///              48 long OLDER, 56 long NEWER     neighbours in the list
/// ```
/// - Groups and consumers never move, so their addresses are their names for each other, and an order that
///   groups what belongs together.
/// - The list of a group's pending entries goes by the time of delivery, the longest ago first. In front are
///   those that were returned by their consumers (XNACK), in the order in which they were.
/// - The mark tells whether a snapshot that takes the stream in pieces waits for the block ([StreamDivision]).
/// - The hint tells where the entry after the last delivered one is, as long as the stream's shape is HINT_SHAPE.
///
/// A pending entry takes 64 bytes and two slots of 9. So a stranger who makes a million consumers or leaves a
/// million entries pending fills memory that is counted, and none of the heap.
///
/// Locks: the stream's.
final class StreamGroups {
    static final int NAME_LENGTH = 8;
    static final int MARK = 12;

    static final int MS = 16;
    static final int SEQ = 24;
    static final int ENTRIES_READ = 32;
    static final int PENDING = 40;
    static final int CONSUMERS = 48;
    static final int OLDEST = 56;
    static final int NEWEST = 64;
    static final int LAST_RETURNED = 72;
    static final int RETURNED = 80;
    static final int HINT_NODE = 88;
    static final int HINT_PLACE = 96;
    static final int HINT_SHAPE = 100;
    static final int GROUP_NAME = 104;

    static final int SEEN_MS = 16;
    static final int ACTIVE_MS = 24;
    static final int CONSUMER_PENDING = 32;
    static final int CONSUMER_NAME = 40;

    static final int OWNER_GROUP = 0;
    static final int PENDING_MS = 8;
    static final int PENDING_SEQ = 16;
    static final int OWNER_CONSUMER = 24;
    static final int DELIVERED_MS = 32;
    static final int DELIVERIES = 40;
    static final int OLDER = 48;
    static final int NEWER = 56;
    static final int PENDING_BYTES = 64;

    /// Stands for the consumer of an entry that was returned. No block is there.
    static final long NOBODY = 1;

    private static final int DELIVERIES_MARK = Long.SIZE - 1;

    final StreamValue stream;
    final CountedTree groups;
    final CountedTree consumers;
    final CountedTree pending;
    final CountedTree owned;
    private final Lease lease;

    /// 0 or 1: what blocks have that no snapshot waits for.
    private int mark;

    /// How they go into a snapshot; null if they do not.
    private @Nullable StreamDivision division;

    /// Groups that were taken out and have something left.
    private final Queue<Long> removed = new ArrayDeque<>();

    /// Whether the whole stream is being freed, and with it what is left of them.
    private boolean draining;

    private final ByName byName = new ByName();
    private final ById byId = new ById();

    StreamGroups(StreamValue stream, Lease lease) {
        this.stream = stream;
        this.lease = lease;
        groups = new CountedTree(lease);
        consumers = new CountedTree(lease);
        pending = new CountedTree(lease);
        owned = new CountedTree(lease);
    }

    // ---------------------------------------------------------------------------------------------- places in trees

    /// The place of a name among groups, or among the consumers of a group.
    static final class ByName implements CountedTree.Probe {
        private long group;
        private int nameAt;
        private final Bytes name = new Bytes();

        ByName set(long group, int nameAt, Bytes name) {
            this.group = group;
            this.nameAt = nameAt;
            this.name.set(name);
            return this;
        }

        @Override
        public boolean precedes(long block) {
            long owner = Memory.getLong(block);
            return owner != group ? owner < group : compare(block) < 0;
        }

        boolean isAt(CountedTree.Cursor cursor) {
            return cursor.has() && Memory.getLong(cursor.block()) == group && compare(cursor.block()) == 0;
        }

        private int compare(long block) {
            return Memory.compare(block + nameAt, Memory.getInt(block + NAME_LENGTH), name.address(), name.length());
        }
    }

    /// The place of an ID among the pending entries of a group, or of a consumer.
    static final class ById implements CountedTree.Probe {
        private int ownerAt;
        private long owner;
        private long ms;
        private long seq;

        ById set(int ownerAt, long owner, long ms, long seq) {
            this.ownerAt = ownerAt;
            this.owner = owner;
            this.ms = ms;
            this.seq = seq;
            return this;
        }

        @Override
        public boolean precedes(long block) {
            long other = Memory.getLong(block + ownerAt);
            return other != owner
                    ? other < owner
                    : StreamId.compare(Memory.getLong(block + PENDING_MS), Memory.getLong(block + PENDING_SEQ), ms, seq)
                            < 0;
        }

        boolean isAt(CountedTree.Cursor cursor) {
            return cursor.has()
                    && Memory.getLong(cursor.block() + ownerAt) == owner
                    && Memory.getLong(cursor.block() + PENDING_MS) == ms
                    && Memory.getLong(cursor.block() + PENDING_SEQ) == seq;
        }
    }

    private ByName groupPlace(Bytes name) {
        return byName.set(0, GROUP_NAME, name);
    }

    private ByName consumerPlace(long group, Bytes name) {
        return byName.set(group, CONSUMER_NAME, name);
    }

    private ById pendingPlace(long group, long ms, long seq) {
        return byId.set(OWNER_GROUP, group, ms, seq);
    }

    private ById ownedPlace(long consumer, long ms, long seq) {
        return byId.set(OWNER_CONSUMER, consumer, ms, seq);
    }

    // ---------------------------------------------------------------------------------------------- snapshots

    /// A snapshot takes the groups in pieces: all that there is now is pending for it.
    void divide(StreamDivision running) {
        division = running;
        mark ^= 1;
    }

    void undivide() {
        division = null;
    }

    /// Whether a snapshot waits for a group or a consumer.
    boolean isPending(long block) {
        return Memory.getInt(block + MARK) != mark;
    }

    /// A group or a consumer has been handed out.
    void handedOut(long block) {
        Memory.putInt(block + MARK, mark);
    }

    /// Whether a snapshot waits for a pending entry.
    boolean isPendingEntry(long entry) {
        return Memory.getLong(entry + DELIVERIES) >>> DELIVERIES_MARK != mark;
    }

    /// A pending entry has been handed out.
    void handedOutPending(long entry) {
        Memory.putLong(entry + DELIVERIES, deliveries(entry) | (long) mark << DELIVERIES_MARK);
    }

    /// To be called before a group changes, or goes: a snapshot under way may still want it.
    void keepGroup(long group) {
        if (division != null && isPending(group)) {
            division.keepGroup(group);
            handedOut(group);
        }
    }

    /// To be called before a consumer changes, or goes.
    void keepConsumer(long consumer) {
        if (division != null && isPending(consumer)) {
            division.keepConsumer(consumer);
            handedOut(consumer);
        }
    }

    /// To be called before a pending entry changes, or goes.
    private void keepPending(long entry) {
        if (division != null && isPendingEntry(entry)) {
            division.keepPending(entry);
            handedOutPending(entry);
        }
    }

    static StreamId id(long entry) {
        return new StreamId(Memory.getLong(entry + PENDING_MS), Memory.getLong(entry + PENDING_SEQ));
    }

    static long deliveries(long entry) {
        return Memory.getLong(entry + DELIVERIES) & Long.MAX_VALUE;
    }

    void deliveries(long entry, long count) {
        keepPending(entry);
        Memory.putLong(entry + DELIVERIES, count | (long) mark << DELIVERIES_MARK);
    }

    // ---------------------------------------------------------------------------------------------- groups

    long size() {
        return groups.blocks();
    }

    /// Groups, consumers and pending entries.
    long elements() {
        return groups.blocks() + consumers.blocks() + pending.blocks();
    }

    @Nullable
    StreamGroup group(Bytes name) {
        ByName place = groupPlace(name);
        groups.cursor().seek(place);
        return place.isAt(groups.cursor())
                ? new StreamGroup(this, groups.cursor().block())
                : null;
    }

    @Nullable
    StreamGroup first() {
        return groups.cursor().first() ? new StreamGroup(this, groups.cursor().block()) : null;
    }

    @Nullable
    StreamGroup after(long group) {
        Bytes name = new Bytes().set(group + GROUP_NAME, Memory.getInt(group + NAME_LENGTH));
        groups.cursor().seek(groupPlace(name));
        return groups.cursor().next() ? new StreamGroup(this, groups.cursor().block()) : null;
    }

    StreamGroup add(Bytes name, StreamId lastId, long entriesRead) {
        long group = newBlock(GROUP_NAME, name);
        Memory.putLong(group + ENTRIES_READ, entriesRead);
        Memory.putLong(group + MS, lastId.ms());
        Memory.putLong(group + SEQ, lastId.seq());
        groups.insert(groupPlace(name), group, 1);
        return new StreamGroup(this, group);
    }

    private long newBlock(int nameAt, Bytes name) {
        long block = lease.allocate(Math.addExact(nameAt, name.length()));
        Memory.fill(block, nameAt, 0);
        Memory.putInt(block + NAME_LENGTH, name.length());
        Memory.putInt(block + MARK, mark);
        Memory.copy(name.address(), block + nameAt, name.length());
        return block;
    }

    private void freeNamed(long block, int nameAt) {
        lease.free(block, nameAt + (long) Memory.getInt(block + NAME_LENGTH));
    }

    /// Takes a group out. What it has goes by [#clear], for that may be millions of entries.
    void remove(long group) {
        keepGroup(group);
        Bytes name = new Bytes().set(group + GROUP_NAME, Memory.getInt(group + NAME_LENGTH));
        groups.cursor().seek(groupPlace(name));
        groups.cursor().remove();
        removed.add(group);
    }

    /// Frees up to about `most` of what groups had that were taken out: nothing before a snapshot is done with it.
    ///
    /// @return whether nothing is left of them that may be freed
    boolean clear(int most) {
        if (division != null) {
            return true;
        }
        int left = most;
        while (left > 0 && !removed.isEmpty() && !draining) {
            long group = removed.element();
            if (Memory.getLong(group + CONSUMERS) > 0) {
                left -= clearConsumer(firstConsumer(group), left);
            } else if (Memory.getLong(group + PENDING) > 0) {
                left -= clearPending(group, left);
            } else {
                removed.remove();
                freeNamed(group, GROUP_NAME);
                left--;
            }
        }
        return removed.isEmpty() || draining;
    }

    /// Takes what a consumer has out of the tree by consumers, and frees the consumer. The entries stay where they are:
    /// both trees are searched by what the blocks hold, so these are freed when nothing points at them any more.
    private int clearConsumer(long consumer, int most) {
        long entries = Memory.getLong(consumer + CONSUMER_PENDING);
        int part = (int) Math.min(entries, most);
        if (part > 0) {
            owned.cursor().seek(ownedPlace(consumer, 0, 0));
            owned.cursor().remove(part, block -> {});
            add(consumer + CONSUMER_PENDING, -part);
        }
        if (part == entries) {
            unlinkConsumer(consumer);
        }
        return part + 1;
    }

    private int clearPending(long group, int most) {
        int part = (int) Math.min(Memory.getLong(group + PENDING), most);
        pending.cursor().seek(pendingPlace(group, 0, 0));
        pending.cursor().remove(part, this::freePending);
        add(group + PENDING, -part);
        return part;
    }

    // ---------------------------------------------------------------------------------------------- consumers

    /// The consumer of a name, or 0.
    long consumer(long group, Bytes name) {
        ByName place = consumerPlace(group, name);
        consumers.cursor().seek(place);
        return place.isAt(consumers.cursor()) ? consumers.cursor().block() : 0;
    }

    long addConsumer(long group, Bytes name, long nowMs) {
        keepGroup(group);
        long consumer = newBlock(CONSUMER_NAME, name);
        Memory.putLong(consumer, group);
        Memory.putLong(consumer + SEEN_MS, nowMs);
        Memory.putLong(consumer + ACTIVE_MS, StreamConsumer.NEVER);
        consumers.insert(consumerPlace(group, name), consumer, 1);
        add(group + CONSUMERS, 1);
        return consumer;
    }

    /// The first consumer of a group by name, or 0.
    long firstConsumer(long group) {
        consumers.cursor().seek(consumerPlace(group, new Bytes()));
        return consumerHere(group);
    }

    /// The consumer after one, or 0.
    long consumerAfter(long consumer) {
        long group = Memory.getLong(consumer);
        Bytes name = new Bytes().set(consumer + CONSUMER_NAME, Memory.getInt(consumer + NAME_LENGTH));
        consumers.cursor().seek(consumerPlace(group, name));
        consumers.cursor().next();
        return consumerHere(group);
    }

    private long consumerHere(long group) {
        CountedTree.Cursor cursor = consumers.cursor();
        return cursor.has() && Memory.getLong(cursor.block()) == group ? cursor.block() : 0;
    }

    /// Takes a consumer out, and all that it has not acknowledged.
    void removeConsumer(long consumer) {
        for (long entry = firstOwned(consumer, 0, 0); entry != 0; entry = firstOwned(consumer, 0, 0)) {
            acknowledge(entry);
        }
        unlinkConsumer(consumer);
    }

    /// Takes out a consumer that has nothing, and frees it.
    private void unlinkConsumer(long consumer) {
        long group = Memory.getLong(consumer);
        keepGroup(group);
        keepConsumer(consumer);
        Bytes name = new Bytes().set(consumer + CONSUMER_NAME, Memory.getInt(consumer + NAME_LENGTH));
        consumers.cursor().seek(consumerPlace(group, name));
        consumers.cursor().remove();
        add(group + CONSUMERS, -1);
        freeNamed(consumer, CONSUMER_NAME);
    }

    // ---------------------------------------------------------------------------------------------- pending entries

    /// The pending entry of an ID, or 0.
    long find(long group, long ms, long seq) {
        ById place = pendingPlace(group, ms, seq);
        pending.cursor().seek(place);
        return place.isAt(pending.cursor()) ? pending.cursor().block() : 0;
    }

    /// The first pending entry of a group that has this ID or a higher one, or 0.
    long firstFrom(long group, long ms, long seq) {
        pending.cursor().seek(pendingPlace(group, ms, seq));
        return pendingHere(group);
    }

    /// The pending entry after the one that was found last, as long as nothing was added or taken out.
    long nextOf(long group) {
        pending.cursor().next();
        return pendingHere(group);
    }

    private long pendingHere(long group) {
        CountedTree.Cursor cursor = pending.cursor();
        return cursor.has() && Memory.getLong(cursor.block()) == group ? cursor.block() : 0;
    }

    /// The last pending entry of a group, or 0.
    long last(long group) {
        CountedTree.Cursor cursor = pending.cursor();
        cursor.seek(pendingPlace(group, -1, -1));
        long here = pendingHere(group);
        // There is none at that ID itself as a rule: it is the highest that there can be.
        return here != 0 ? here : cursor.previous() ? pendingHere(group) : 0;
    }

    /// The first pending entry of a consumer that has this ID or a higher one, or 0.
    long firstOwned(long consumer, long ms, long seq) {
        owned.cursor().seek(ownedPlace(consumer, ms, seq));
        return ownedHere(consumer);
    }

    long nextOwned(long consumer) {
        owned.cursor().next();
        return ownedHere(consumer);
    }

    private long ownedHere(long consumer) {
        CountedTree.Cursor cursor = owned.cursor();
        return cursor.has() && Memory.getLong(cursor.block() + OWNER_CONSUMER) == consumer ? cursor.block() : 0;
    }

    /// Notes that an entry has been delivered, for the first time or as if it were.
    void deliver(long group, long consumer, long ms, long seq, long nowMs) {
        ById place = pendingPlace(group, ms, seq);
        pending.cursor().seek(place);
        if (place.isAt(pending.cursor())) {
            long entry = pending.cursor().block();
            deliveries(entry, 1);
            give(entry, consumer);
            redeliver(entry, nowMs);
            return;
        }
        long entry = newPending(group, ms, seq, nowMs, 1);
        pending.cursor().insert(entry, 1);
        add(group + PENDING, 1);
        link(group, Memory.getLong(group + NEWEST), entry);
        own(entry, consumer);
    }

    /// Adds an entry that nobody has, at the end of the list: [#give] with [#redeliver], or [#giveBack], must
    /// follow.
    long addUnowned(long group, long ms, long seq, long nowMs, long deliveries) {
        long entry = newPending(group, ms, seq, nowMs, deliveries);
        pending.insert(pendingPlace(group, ms, seq), entry, 1);
        add(group + PENDING, 1);
        link(group, Memory.getLong(group + NEWEST), entry);
        return entry;
    }

    private long newPending(long group, long ms, long seq, long nowMs, long deliveries) {
        keepGroup(group);
        long entry = lease.allocate(PENDING_BYTES);
        Memory.putLong(entry, group);
        Memory.putLong(entry + PENDING_MS, ms);
        Memory.putLong(entry + PENDING_SEQ, seq);
        Memory.putLong(entry + OWNER_CONSUMER, 0);
        Memory.putLong(entry + DELIVERED_MS, nowMs);
        Memory.putLong(entry + DELIVERIES, deliveries | (long) mark << DELIVERIES_MARK);
        return entry;
    }

    /// Makes an entry a consumer's, whoever had it before.
    void give(long entry, long consumer) {
        if (Memory.getLong(entry + OWNER_CONSUMER) != consumer) {
            takeAway(entry);
            own(entry, consumer);
        }
    }

    private void own(long entry, long consumer) {
        keepPending(entry);
        keepConsumer(consumer);
        Memory.putLong(entry + OWNER_CONSUMER, consumer);
        ById place = ownedPlace(consumer, Memory.getLong(entry + PENDING_MS), Memory.getLong(entry + PENDING_SEQ));
        owned.insert(place, entry, 1);
        add(consumer + CONSUMER_PENDING, 1);
    }

    /// Takes an entry from whoever has it. It keeps its place in the list until it gets another.
    private void takeAway(long entry) {
        keepPending(entry);
        long consumer = Memory.getLong(entry + OWNER_CONSUMER);
        if (consumer == NOBODY) {
            long group = Memory.getLong(entry);
            keepGroup(group);
            add(group + RETURNED, -1);
            if (Memory.getLong(group + LAST_RETURNED) == entry) {
                Memory.putLong(group + LAST_RETURNED, Memory.getLong(entry + OLDER));
            }
        } else if (consumer != 0) {
            keepConsumer(consumer);
            owned.cursor()
                    .seek(ownedPlace(
                            consumer, Memory.getLong(entry + PENDING_MS), Memory.getLong(entry + PENDING_SEQ)));
            owned.cursor().remove();
            add(consumer + CONSUMER_PENDING, -1);
        }
        Memory.putLong(entry + OWNER_CONSUMER, 0);
    }

    /// Gives an entry another time of delivery, and the place in the list that goes with it.
    void redeliver(long entry, long deliveredMs) {
        keepPending(entry);
        long group = Memory.getLong(entry);
        unlink(entry);
        Memory.putLong(entry + DELIVERED_MS, deliveredMs);
        long older = Memory.getLong(group + NEWEST);
        long first = Memory.getLong(group + LAST_RETURNED);
        while (older != first && Memory.getLong(older + DELIVERED_MS) > deliveredMs) {
            older = Memory.getLong(older + OLDER);
        }
        link(group, older, entry);
    }

    /// Takes an entry from its consumer, for anyone to claim.
    void giveBack(long entry) {
        long group = Memory.getLong(entry);
        keepGroup(group);
        takeAway(entry);
        unlink(entry);
        Memory.putLong(entry + DELIVERED_MS, 0);
        link(group, Memory.getLong(group + LAST_RETURNED), entry);
        markReturned(group, entry);
    }

    /// Notes that the entry, which stands after all that were returned, is one of them.
    private static void markReturned(long group, long entry) {
        Memory.putLong(entry + OWNER_CONSUMER, NOBODY);
        Memory.putLong(group + LAST_RETURNED, entry);
        add(group + RETURNED, 1);
    }

    /// Puts an entry into the list, after another or (0) in front.
    private static void link(long group, long older, long entry) {
        long newer = Memory.getLong(older == 0 ? group + OLDEST : older + NEWER);
        Memory.putLong(entry + OLDER, older);
        Memory.putLong(entry + NEWER, newer);
        Memory.putLong(older == 0 ? group + OLDEST : older + NEWER, entry);
        Memory.putLong(newer == 0 ? group + NEWEST : newer + OLDER, entry);
    }

    private static void unlink(long entry) {
        long group = Memory.getLong(entry);
        long older = Memory.getLong(entry + OLDER);
        long newer = Memory.getLong(entry + NEWER);
        Memory.putLong(older == 0 ? group + OLDEST : older + NEWER, newer);
        Memory.putLong(newer == 0 ? group + NEWEST : newer + OLDER, older);
    }

    /// Takes an entry out and frees it.
    void acknowledge(long entry) {
        long group = Memory.getLong(entry);
        pending.cursor()
                .seek(pendingPlace(group, Memory.getLong(entry + PENDING_MS), Memory.getLong(entry + PENDING_SEQ)));
        acknowledgeHere();
    }

    /// Takes the entry out that was found last, and goes to the one after it.
    void acknowledgeHere() {
        long entry = pending.cursor().block();
        keepGroup(Memory.getLong(entry));
        takeAway(entry);
        unlink(entry);
        pending.cursor().remove();
        add(Memory.getLong(entry) + PENDING, -1);
        freePending(entry);
    }

    private void freePending(long entry) {
        lease.free(entry, PENDING_BYTES);
    }

    private static void add(long at, long more) {
        Memory.putLong(at, Memory.getLong(at) + more);
    }

    // ---------------------------------------------------------------------------------------------- from a file

    /// Adds a pending entry that a file tells of, after all others of the group: its consumer ([#restoreOwner])
    /// and its place in the list ([#putInOrder]) come later.
    void restore(long group, StreamId id, long deliveredMs, long deliveries) {
        long entry = newPending(group, id.ms(), id.seq(), deliveredMs, deliveries);
        pending.insert(pendingPlace(group, id.ms(), id.seq()), entry, 1);
        add(group + PENDING, 1);
    }

    void restoreOwner(long consumer, StreamId id) {
        own(find(Memory.getLong(consumer), id.ms(), id.seq()), consumer);
    }

    /// Makes the list of a group's pending entries, all of which have consumers. Sorted by a tree, for a
    /// stranger may have chosen the times.
    void putInOrder(long group) {
        CountedTree byTime = new CountedTree(lease);
        for (long each = firstFrom(group, 0, 0); each != 0; each = nextOf(group)) {
            long deliveredMs = Memory.getLong(each + DELIVERED_MS);
            byTime.insert(block -> Memory.getLong(block + DELIVERED_MS) <= deliveredMs, each, 1);
        }
        CountedTree.Cursor cursor = byTime.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            link(group, Memory.getLong(group + NEWEST), cursor.block());
        }
        byTime.drain(Long.MAX_VALUE, block -> {});
    }

    // ---------------------------------------------------------------------------------------------- all groups

    /// Takes an entry out of the pending ones of all groups.
    void forget(StreamId id) {
        CountedTree.Cursor each = groups.cursor();
        for (boolean more = each.first(); more; more = each.next()) {
            if (find(each.block(), id.ms(), id.seq()) != 0) {
                acknowledgeHere();
            }
        }
    }

    /// Whether an entry is pending in any group, or any group has not read so far.
    boolean refersTo(StreamId id) {
        CountedTree.Cursor each = groups.cursor();
        for (boolean more = each.first(); more; more = each.next()) {
            long group = each.block();
            boolean isUnread =
                    StreamId.compare(Memory.getLong(group + MS), Memory.getLong(group + SEQ), id.ms(), id.seq()) < 0;
            if (isUnread || find(group, id.ms(), id.seq()) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Frees up to about `most` of everything. Returns whether nothing is left.
    boolean drain(int most) {
        draining = true;
        while (!removed.isEmpty()) {
            freeNamed(removed.remove(), GROUP_NAME);
        }
        return owned.drain(most, block -> {})
                && pending.drain(most, this::freePending)
                && consumers.drain(most, block -> freeNamed(block, CONSUMER_NAME))
                && groups.drain(most, block -> freeNamed(block, GROUP_NAME));
    }

    /// All groups again, for another stream.
    StreamGroups copy(StreamValue ofCopy, Lease copyLease) {
        StreamGroups copy = new StreamGroups(ofCopy, copyLease);
        CountedTree.Cursor each = groups.cursor();
        for (boolean more = each.first(); more; more = each.next()) {
            copyGroup(each.block(), copy);
        }
        return copy;
    }

    private void copyGroup(long group, StreamGroups copy) {
        Bytes name = new Bytes().set(group + GROUP_NAME, Memory.getInt(group + NAME_LENGTH));
        StreamId lastId = new StreamId(Memory.getLong(group + MS), Memory.getLong(group + SEQ));
        long twin = copy.add(name, lastId, Memory.getLong(group + ENTRIES_READ)).at();
        Map<Long, Long> twins = new HashMap<>();
        for (long each = firstConsumer(group); each != 0; each = consumerAfter(each)) {
            name.set(each + CONSUMER_NAME, Memory.getInt(each + NAME_LENGTH));
            long consumer = copy.addConsumer(twin, name, Memory.getLong(each + SEEN_MS));
            Memory.putLong(consumer + ACTIVE_MS, Memory.getLong(each + ACTIVE_MS));
            twins.put(each, consumer);
        }
        long lastReturned = Memory.getLong(group + LAST_RETURNED);
        boolean returned = lastReturned != 0;
        for (long each = Memory.getLong(group + OLDEST); each != 0; each = Memory.getLong(each + NEWER)) {
            long entry = copy.addUnowned(
                    twin,
                    Memory.getLong(each + PENDING_MS),
                    Memory.getLong(each + PENDING_SEQ),
                    Memory.getLong(each + DELIVERED_MS),
                    deliveries(each));
            if (returned) {
                markReturned(twin, entry);
                returned = each != lastReturned;
            } else {
                copy.own(entry, requireNonNull(twins.get(Memory.getLong(each + OWNER_CONSUMER))));
            }
        }
    }
}
