package io.nuthatch.store;

import static java.util.Objects.requireNonNull;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The [Division] of a stream: its nodes by ID, and then what its groups have, all in the order in which a file wants
/// them. So nobody can hand out beforehand what is about to change: it is *kept* until its turn comes.
///
/// ```
///   nodes    live  1-0   5-0   9-0  12-0 │ 15-0          handed out: of each ID what was kept, or else the live one,
///            kept        5-0                             up to the first node that came to be after the cut
///                  next ↑                ↑ end
///   groups, consumers, pending entries
///            live  a  b' c  d*                           ' has changed since the cut, * has come to be since:
///            kept     b                                  these have the new mark, and are passed over
/// ```
/// A node is kept by the receiver, which may put it on disk. Groups, consumers and pending entries are kept as copies
/// of their blocks in trees of the same order, a pending entry in two, as the live ones are: some 80 bytes for each
/// that changes before its turn. A group that is taken out keeps what it has until the end ([StreamGroups#clear]).
///
/// New nodes have higher IDs than all there were, unless XSETID has set the last ID back. Then all nodes of the cut
/// from there on are gone, and so kept: from that ID on, no live node is of the cut.
///
/// Locks: that of the shard whose the root is.
final class StreamDivision extends Division {
    /// In the copy of a group's block: where the group is.
    private static final int KEPT_GROUP = StreamGroups.OLDEST;

    /// In the copy of a consumer's block: where the consumer is.
    private static final int KEPT_CONSUMER = StreamGroups.ACTIVE_MS;

    private static final Bytes NO_NAME = new Bytes();

    /// What is handed out next.
    private enum Stage {
        NODES,
        FIGURES,
        GROUP,
        PENDING,
        CONSUMERS,
        NAMELESS,
        CONSUMER,
        OWNED,
        CLEARING,
        DONE
    }

    private final StreamValue stream;
    private final long nodeCount;
    private final StreamParts.Figures figures;
    private final @Nullable StreamGroups groups;
    private final Lease lease;
    private final CountedTree keptGroups;
    private final CountedTree keptConsumers;
    private final CountedTree keptPending;
    private final CountedTree keptOwned;
    private final TreeMap<StreamId, Snapshot.Kept> keptNodes = new TreeMap<>();
    private final StreamGroups.ByName byName = new StreamGroups.ByName();
    private final StreamGroups.ById byId = new StreamGroups.ById();
    private final Bytes window = new Bytes();
    private final Bytes name = new Bytes();

    private Stage stage = Stage.NODES;

    /// The lowest ID that has not been handed out: of nodes, or of the pending entries of a group or a consumer.
    private StreamId next = StreamId.MIN;

    /// From here on, no live node is of the cut; null as long as none has come to be.
    private @Nullable StreamId end;

    // The group and the consumer that are being handed out, as they were at the cut.
    private byte @Nullable [] groupName;
    private long group;
    private long consumers;
    private long returned;
    private byte @Nullable [] consumerName;
    private long consumer;

    StreamDivision(StreamValue stream, @Nullable StreamGroups groups, Shard shard) {
        super(stream, shard);
        this.stream = stream;
        this.groups = groups;
        lease = stream.lease;
        nodeCount = stream.nodeCount();
        figures = StreamParts.Figures.of(stream);
        keptGroups = new CountedTree(lease);
        keptConsumers = new CountedTree(lease);
        keptPending = new CountedTree(lease);
        keptOwned = new CountedTree(lease);
        if (groups != null) {
            groups.divide(this);
        }
    }

    @Override
    long count() {
        return nodeCount;
    }

    // ---- what is about to change ------------------------------------------------------------------------------

    /// A node is about to change, or to go.
    void keepNode(long node) {
        if (stage == Stage.NODES) {
            StreamId id = idOfNode(node);
            if (!id.isBefore(next) && !isNew(id) && !keptNodes.containsKey(id)) {
                keptNodes.put(id, pieces().keepNode(id, listpack(node)));
            }
        }
    }

    /// A node comes to be.
    void nodeBegins(StreamId id) {
        if (!isNew(id)) {
            end = id;
        }
    }

    private boolean isNew(StreamId id) {
        return end != null && !id.isBefore(end);
    }

    private static StreamId idOfNode(long node) {
        return new StreamId(StreamNode.ms(node), StreamNode.seq(node));
    }

    private Bytes listpack(long node) {
        long listpack = StreamNode.listpack(node);
        return window.set(listpack, Listpack.bytes(listpack));
    }

    /// A group is about to change, or to go.
    void keepGroup(long changed) {
        long kept = copy(changed, StreamGroups.GROUP_NAME + Memory.getInt(changed + StreamGroups.NAME_LENGTH));
        Memory.putLong(kept + KEPT_GROUP, changed);
        keptGroups.insert(byName.set(0, StreamGroups.GROUP_NAME, groupName(kept)), kept, 1);
    }

    /// A consumer is about to change, or to go.
    void keepConsumer(long changed) {
        long kept = copy(changed, StreamGroups.CONSUMER_NAME + Memory.getInt(changed + StreamGroups.NAME_LENGTH));
        Memory.putLong(kept + KEPT_CONSUMER, changed);
        keptConsumers.insert(byName.set(Memory.getLong(kept), StreamGroups.CONSUMER_NAME, consumerName(kept)), kept, 1);
    }

    /// A pending entry is about to change, or to go.
    void keepPending(long changed) {
        long kept = copy(changed, StreamGroups.PENDING_BYTES);
        keptPending.insert(placeOf(kept, StreamGroups.OWNER_GROUP), kept, 1);
        keptOwned.insert(placeOf(kept, StreamGroups.OWNER_CONSUMER), kept, 1);
    }

    private long copy(long block, long bytes) {
        long copy = lease.allocate(bytes);
        Memory.copy(block, copy, bytes);
        return copy;
    }

    private StreamGroups.ById placeOf(long entry, int ownerAt) {
        return byId.set(
                ownerAt,
                Memory.getLong(entry + ownerAt),
                Memory.getLong(entry + StreamGroups.PENDING_MS),
                Memory.getLong(entry + StreamGroups.PENDING_SEQ));
    }

    private Bytes groupName(long block) {
        return name.set(block + StreamGroups.GROUP_NAME, Memory.getInt(block + StreamGroups.NAME_LENGTH));
    }

    private Bytes consumerName(long block) {
        return name.set(block + StreamGroups.CONSUMER_NAME, Memory.getInt(block + StreamGroups.NAME_LENGTH));
    }

    // ---- handing out ------------------------------------------------------------------------------------------

    @Override
    boolean handOut(Snapshot.Pieces to) {
        if (stage == Stage.NODES) {
            nodes(to);
            return true;
        }
        StreamParts parts = to.stream();
        for (int left = SLICE_ELEMENTS; left > 0 && stage != Stage.DONE; ) {
            left -= switch (stage) {
                case FIGURES -> figures(parts);
                case GROUP -> group(parts);
                case PENDING -> pending(parts, left);
                case CONSUMERS -> consumers(parts);
                case NAMELESS -> nameless(parts, left);
                case CONSUMER -> consumer(parts);
                case OWNED -> owned(parts, left);
                case CLEARING -> clear(left);
                case NODES, DONE -> throw new IllegalStateException("out of turn: stage=" + stage);
            };
        }
        return stage != Stage.DONE;
    }

    @Override
    void end() {
        if (groups != null) {
            groups.undivide();
        }
    }

    /// Hands out some nodes: of those that were kept and the live ones, the lower ID first.
    private void nodes(Snapshot.Pieces to) {
        CountedTree.Cursor live = new CountedTree.Cursor(stream.nodes);
        StreamId from = next;
        boolean more = live.seek(
                block -> StreamId.compare(StreamNode.ms(block), StreamNode.seq(block), from.ms(), from.seq()) < 0);
        for (int bytes = 0; bytes < SLICE_BYTES && stage == Stage.NODES; ) {
            StreamId here = more ? idOfNode(live.block()) : null;
            if (here != null && isNew(here)) {
                here = null;
            }
            Map.Entry<StreamId, Snapshot.Kept> kept = keptNodes.firstEntry();
            if (kept != null && (here == null || !here.isBefore(kept.getKey()))) {
                keptNodes.remove(kept.getKey());
                to.kept(kept.getValue());
                bytes += KEPT_BYTES;
                goPast(kept.getKey(), Stage.FIGURES);
                more = kept.getKey().equals(here) ? live.next() : more;
            } else if (here != null) {
                Bytes listpack = listpack(live.block());
                bytes += listpack.length();
                to.node(here, listpack);
                goPast(here, Stage.FIGURES);
                more = live.next();
            } else {
                stage = Stage.FIGURES;
            }
        }
    }

    /// What has this ID has been handed out. After the highest that there can be comes another stage.
    private void goPast(StreamId id, Stage after) {
        next = id.next();
        if (next.equals(StreamId.MIN)) {
            stage = after;
        }
    }

    private int figures(StreamParts to) {
        to.figures(figures);
        stage = groups == null ? Stage.CLEARING : Stage.GROUP;
        return 1;
    }

    private StreamGroups groups() {
        return requireNonNull(groups, "the stream had no groups");
    }

    /// Goes to the next group by name.
    private int group(StreamParts to) {
        CountedTree.Cursor live = groups().groups.cursor();
        CountedTree.Cursor kept = keptGroups.cursor();
        seekName(live, 0, StreamGroups.GROUP_NAME, groupName);
        seekName(kept, 0, StreamGroups.GROUP_NAME, groupName);
        long at = lower(here(live, 0), here(kept, 0), StreamGroups.GROUP_NAME);
        if (at == 0) {
            stage = Stage.CLEARING;
            return 1;
        }
        boolean wasKept = at == here(kept, 0);
        groupName = groupName(at).toArray();
        if (wasKept || isOfCut(at)) {
            group = wasKept ? Memory.getLong(at + KEPT_GROUP) : at;
            consumers = Memory.getLong(at + StreamGroups.CONSUMERS);
            returned = Memory.getLong(at + StreamGroups.RETURNED);
            to.group(
                    name,
                    new StreamId(Memory.getLong(at + StreamGroups.MS), Memory.getLong(at + StreamGroups.SEQ)),
                    Memory.getLong(at + StreamGroups.ENTRIES_READ),
                    Memory.getLong(at + StreamGroups.PENDING));
            groups().handedOut(at);
            next = StreamId.MIN;
            stage = Stage.PENDING;
        }
        return 1;
    }

    /// Hands out up to so many pending entries of the group.
    private int pending(StreamParts to, int most) {
        return merge(
                groups().pending,
                keptPending,
                StreamGroups.OWNER_GROUP,
                group,
                Stage.CONSUMERS,
                most,
                entry -> to.pending(
                        StreamGroups.id(entry),
                        Memory.getLong(entry + StreamGroups.DELIVERED_MS),
                        StreamGroups.deliveries(entry)));
    }

    /// What was returned comes first: with what a consumer without a name has, if there was one.
    private int consumers(StreamParts to) {
        consumerName = null;
        long nameless = returned == 0 ? 0 : namelessConsumer();
        to.consumers(consumers + (returned > 0 && nameless == 0 ? 1 : 0));
        stage = Stage.CONSUMER;
        if (returned > 0) {
            if (nameless == 0) {
                consumer = StreamGroups.NOBODY;
                to.consumer(NO_NAME, 0, returned);
            } else {
                begin(nameless, nameless != groups().consumer(group, NO_NAME), returned, to);
            }
            next = StreamId.MIN;
            stage = Stage.NAMELESS;
        }
        return 1;
    }

    /// The block of a consumer without a name that was there at the cut, or 0.
    private long namelessConsumer() {
        StreamGroups.ByName place = byName.set(group, StreamGroups.CONSUMER_NAME, NO_NAME);
        keptConsumers.cursor().seek(place);
        if (place.isAt(keptConsumers.cursor())) {
            return keptConsumers.cursor().block();
        }
        long live = groups().consumer(group, NO_NAME);
        return live != 0 && isOfCut(live) ? live : 0;
    }

    /// Hands out the ID of what nobody has, and of what the consumer without a name has.
    private int nameless(StreamParts to, int most) {
        return merge(groups().pending, keptPending, StreamGroups.OWNER_GROUP, group, Stage.CONSUMER, most, entry -> {
            long owner = Memory.getLong(entry + StreamGroups.OWNER_CONSUMER);
            if (owner == StreamGroups.NOBODY || owner == consumer) {
                to.owned(StreamGroups.id(entry));
                groups().handedOutPending(entry);
            }
        });
    }

    /// Goes to the next consumer by name.
    private int consumer(StreamParts to) {
        CountedTree.Cursor live = groups().consumers.cursor();
        CountedTree.Cursor kept = keptConsumers.cursor();
        seekName(live, group, StreamGroups.CONSUMER_NAME, consumerName);
        seekName(kept, group, StreamGroups.CONSUMER_NAME, consumerName);
        long at = lower(here(live, group), here(kept, group), StreamGroups.CONSUMER_NAME);
        if (at == 0) {
            stage = Stage.GROUP;
            return 1;
        }
        boolean wasKept = at == here(kept, group);
        if (wasKept || isOfCut(at)) {
            begin(at, wasKept, 0, to);
            next = StreamId.MIN;
            stage = Stage.OWNED;
        } else {
            consumerName = consumerName(at).toArray();
        }
        return 1;
    }

    private void begin(long at, boolean wasKept, long more, StreamParts to) {
        consumer = wasKept ? Memory.getLong(at + KEPT_CONSUMER) : at;
        consumerName = consumerName(at).toArray();
        to.consumer(
                name,
                Memory.getLong(at + StreamGroups.SEEN_MS),
                Memory.getLong(at + StreamGroups.CONSUMER_PENDING) + more);
        groups().handedOut(at);
    }

    /// Hands out up to so many IDs of what the consumer has.
    private int owned(StreamParts to, int most) {
        return merge(groups().owned, keptOwned, StreamGroups.OWNER_CONSUMER, consumer, Stage.CONSUMER, most, entry -> {
            to.owned(StreamGroups.id(entry));
            groups().handedOutPending(entry);
        });
    }

    /// Frees up to so much of what was kept.
    private int clear(int most) {
        boolean done = keptOwned.drain(most, _ -> {})
                && keptPending.drain(most, entry -> lease.free(entry, StreamGroups.PENDING_BYTES))
                && keptConsumers.drain(most, at -> freeNamed(at, StreamGroups.CONSUMER_NAME))
                && keptGroups.drain(most, at -> freeNamed(at, StreamGroups.GROUP_NAME));
        if (done) {
            stage = Stage.DONE;
        }
        return most;
    }

    private void freeNamed(long block, int nameAt) {
        lease.free(block, nameAt + (long) Memory.getInt(block + StreamGroups.NAME_LENGTH));
    }

    // ---- live and kept ----------------------------------------------------------------------------------------

    private boolean isOfCut(long block) {
        return groups().isPending(block);
    }

    /// Goes behind a name, or before all of them.
    private void seekName(CountedTree.Cursor cursor, long owner, int nameAt, byte @Nullable [] after) {
        if (after == null) {
            cursor.seek(byName.set(owner, nameAt, NO_NAME));
            return;
        }
        long copy = Memory.allocate(Math.max(1, after.length));
        Memory.copy(after, 0, copy, after.length);
        StreamGroups.ByName place = byName.set(owner, nameAt, new Bytes().set(copy, after.length));
        cursor.seek(place);
        if (place.isAt(cursor)) {
            cursor.next();
        }
        Memory.free(copy, Math.max(1, after.length));
    }

    /// The block that a cursor is on, or 0 if that is another owner's.
    private static long here(CountedTree.Cursor cursor, long owner) {
        return cursor.has() && Memory.getLong(cursor.block()) == owner ? cursor.block() : 0;
    }

    /// The one of two blocks with the lower name; of the same name, what was kept: the live one has come to be since.
    private static long lower(long live, long kept, int nameAt) {
        if (live == 0 || kept == 0) {
            return live + kept;
        }
        int order = Memory.compare(
                live + nameAt,
                Memory.getInt(live + StreamGroups.NAME_LENGTH),
                kept + nameAt,
                Memory.getInt(kept + StreamGroups.NAME_LENGTH));
        return order < 0 ? live : kept;
    }

    /// What is done with a pending entry, live or kept.
    @FunctionalInterface
    private interface EntryVisitor {
        void visit(long entry);
    }

    /// Goes through an owner's pending entries that were there at the cut, by ID.
    ///
    /// @param after what comes when there are no more
    /// @param most how many are looked at
    /// @return how many were
    private int merge(
            CountedTree live, CountedTree kept, int ownerAt, long owner, Stage after, int most, EntryVisitor visitor) {
        CountedTree.Cursor liveHere = live.cursor();
        CountedTree.Cursor keptHere = kept.cursor();
        liveHere.seek(byId.set(ownerAt, owner, next.ms(), next.seq()));
        keptHere.seek(byId.set(ownerAt, owner, next.ms(), next.seq()));
        Stage own = stage;
        int looked = 0;
        while (looked < most && stage == own) {
            long a = ownedHere(liveHere, ownerAt, owner);
            long b = ownedHere(keptHere, ownerAt, owner);
            looked++;
            if (a == 0 && b == 0) {
                stage = after;
                break;
            }
            boolean isLive = b == 0 || a != 0 && StreamGroups.id(a).isBefore(StreamGroups.id(b));
            long entry = isLive ? a : b;
            if (!isLive && a != 0 && StreamGroups.id(a).equals(StreamGroups.id(b))) {
                liveHere.next();
            }
            (isLive ? liveHere : keptHere).next();
            if (!isLive || groups().isPendingEntry(entry)) {
                visitor.visit(entry);
            }
            goPast(StreamGroups.id(entry), after);
        }
        return looked;
    }

    private static long ownedHere(CountedTree.Cursor cursor, int ownerAt, long owner) {
        return cursor.has() && Memory.getLong(cursor.block() + ownerAt) == owner ? cursor.block() : 0;
    }
}
