package io.nuthatch.store;

import static java.util.Objects.requireNonNull;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// A stream: entries of fields and values in the order of their IDs, and the groups that read them.
///
/// ```
///   nodes     tree ─► [ node: up to 100 entries ]  [ node ]  …        by ID, StreamNode
///   groups    trees of groups, consumers and pending entries           StreamGroups; there from the first group on
///   producers trees of producers and their names for entries           StreamProducers; there from the first on
/// ```
/// An entry that is deleted is only marked in its node, which is freed when its last entry is, as in Redis. So
/// a place in a node stays what it is while entries are appended; [#shape] changes with anything else. Trimming
/// by ID may leave a node with marked entries alone, the last of which is not before the ID.
///
/// A stream is a root from its first entry on: it has no packed form, for one node of a few entries is hardly
/// more. It may be empty and still be a key, which remembers the last ID and the groups.
///
/// Locks: the shard's, which the transaction holds.
public final class StreamValue extends Root {
    /// What becomes of the pending entries of a deleted entry.
    public enum References {
        /// They stay: their entry is missing.
        KEEP,
        /// They go with the entry, in all groups.
        DELETE,
        /// An entry that is pending in any group, or that any group has not read yet, is not deleted.
        RESPECT
    }

    /// What has become of one entry that was to be deleted.
    public enum Deletion {
        DONE,
        MISSING,
        REFERENCED
    }

    /// The most bytes that the fields and values of one entry may have together.
    public static final long MAX_ENTRY_BYTES = Listpack.MAX_BYTES;

    /// Unless XTRIM says how far it may go, it goes through so many nodes, within bounds.
    private static final long USUAL_NODES = 100;

    private static final long USUAL_LIMIT = 10_000;
    private static final long MAX_USUAL_LIMIT = 1_000_000;

    final CountedTree nodes;
    private final StoreSettings settings;
    private @Nullable StreamGroups groups;
    private @Nullable StreamProducers producers;
    private long length;
    private StreamId lastId = StreamId.MIN;
    private StreamId firstId = StreamId.MIN;
    private StreamId maxDeletedId = StreamId.MIN;
    private long entriesAdded;

    /// Another number whenever a node has moved or gone, or its entries have moved within it.
    private int shape = 1;

    StreamValue(Lease lease, StoreSettings settings) {
        super(lease);
        this.settings = settings;
        nodes = new CountedTree(lease);
    }

    /// The stream that a key holds.
    public static StreamValue of(Entry entry) {
        return (StreamValue) entry.root();
    }

    /// Gives a key that is not there an empty stream.
    public static Entry create(Tx tx, Bytes key) {
        Entry entry = Payload.create(tx, key, Type.STREAM, 0);
        entry.become(new StreamValue(entry.shard.lease(), tx.settings()));
        return entry;
    }

    /// What OBJECT ENCODING answers.
    public static String encoding() {
        return "stream";
    }

    // -------------------------------------------------------------------------------------------------- figures

    public long length() {
        return length;
    }

    /// The highest ID that any entry has had.
    public StreamId lastId() {
        return lastId;
    }

    public void lastId(StreamId id) {
        lastId = id;
        shape++;
    }

    /// The first entry that is there, or [StreamId#MIN].
    public StreamId firstId() {
        return firstId;
    }

    /// The highest ID of an entry that was deleted by its ID.
    public StreamId maxDeletedId() {
        return maxDeletedId;
    }

    public void maxDeletedId(StreamId id) {
        maxDeletedId = id;
    }

    /// How many entries have been added in all its life.
    public long entriesAdded() {
        return entriesAdded;
    }

    public void entriesAdded(long count) {
        entriesAdded = count;
    }

    /// How many nodes it has.
    public long nodeCount() {
        return nodes.blocks();
    }

    int shape() {
        return shape;
    }

    /// The last entry that is there, or [StreamId#MIN].
    public StreamId lastEntryId(StreamCursor cursor) {
        return cursor.backwards(this, StreamId.MIN, StreamId.MAX).next() ? cursor.id() : StreamId.MIN;
    }

    public boolean has(StreamId id, StreamCursor cursor) {
        return cursor.forwards(this, id, id).next();
    }

    // -------------------------------------------------------------------------------------------------- adding

    /// Adds an entry, whose ID is higher than the last.
    ///
    /// @param fields how many
    /// @param words field, value, field, value …
    public void append(StreamId id, int fields, IntFunction<Bytes> words) {
        assert id.isAfter(lastId) : "not after the last: id=" + id + ", last=" + lastId;
        CountedTree.Cursor last = nodes.cursor();
        if (!last.last() || isFull(StreamNode.listpack(last.block()), fields, words)) {
            startNode(id, fields, words);
        } else {
            keep(last.block());
            extendNode(last, id, fields, words);
        }
        lastId = id;
        entriesAdded++;
        if (length++ == 0) {
            firstId = id;
        }
    }

    private boolean isFull(long listpack, int fields, IntFunction<Bytes> words) {
        long limit = settings.streamNodeMaxBytes;
        long most = limit == 0 || limit > Listpack.MAX_BYTES ? Listpack.MAX_BYTES : limit;
        long bytes = Listpack.bytes(listpack);
        for (int i = 0; i < 2 * fields; i++) {
            bytes += words.apply(i).length();
        }
        long mostEntries = settings.streamNodeMaxEntries;
        return bytes >= most
                || mostEntries > 0 && StreamNode.count(listpack) + StreamNode.deleted(listpack) >= mostEntries;
    }

    private void startNode(StreamId id, int fields, IntFunction<Bytes> words) {
        long bytes = Listpack.EMPTY_BYTES
                + Listpack.entryBytes(1)
                + Listpack.entryBytes(0)
                + Listpack.entryBytes(fields)
                + Listpack.entryBytes(0)
                + entryBytes(0, 0, fields, words, true);
        for (int i = 0; i < fields; i++) {
            bytes += Listpack.entryBytes(words.apply(2 * i));
        }
        long node = lease.allocate(StreamNode.blockBytes(Math.toIntExact(bytes)));
        StreamNode.id(node, id.ms(), id.seq());
        if (division instanceof StreamDivision running) {
            running.nodeBegins(id);
        }
        long listpack = StreamNode.listpack(node);
        Listpack.create(listpack);
        int end = Listpack.write(listpack, Listpack.FIRST, 1);
        end = Listpack.write(listpack, end, 0);
        end = Listpack.write(listpack, end, fields);
        for (int i = 0; i < fields; i++) {
            end = Listpack.write(listpack, end, words.apply(2 * i));
        }
        end = Listpack.write(listpack, end, 0);
        Listpack.close(listpack, end, fields + 4);
        writeEntry(listpack, 0, 0, fields, words, true);
        nodes.append(node, 1);
    }

    private void extendNode(CountedTree.Cursor last, StreamId id, int fields, IntFunction<Bytes> words) {
        long node = last.block();
        long listpack = StreamNode.listpack(node);
        long ms = id.ms() - StreamNode.ms(node);
        long seq = id.seq() - StreamNode.seq(node);
        boolean same = hasHeadsFields(listpack, fields, words);
        long count = StreamNode.count(listpack);
        int recounted = StreamNode.bytesWith(listpack, count + 1, StreamNode.deleted(listpack));
        long bytes = recounted + entryBytes(ms, seq, fields, words, same);
        node = resize(last, node, Listpack.bytes(listpack), Math.toIntExact(bytes));
        listpack = StreamNode.listpack(node);
        if (recounted != Listpack.bytes(listpack)) {
            shape++;
        }
        Listpack.replace(listpack, Listpack.FIRST, count + 1);
        writeEntry(listpack, ms, seq, fields, words, same);
    }

    private static boolean hasHeadsFields(long listpack, int fields, IntFunction<Bytes> words) {
        int at = StreamNode.fieldsAt(listpack);
        if (Listpack.integer(listpack, at) != fields) {
            return false;
        }
        for (int i = 0; i < fields; i++) {
            at = Listpack.next(listpack, at);
            if (!Listpack.equal(listpack, at, words.apply(2 * i))) {
                return false;
            }
        }
        return true;
    }

    /// What an entry takes in a listpack.
    private static long entryBytes(long ms, long seq, int fields, IntFunction<Bytes> words, boolean same) {
        long bytes = (long) Listpack.entryBytes(0)
                + Listpack.entryBytes(ms)
                + Listpack.entryBytes(seq)
                + Listpack.entryBytes(pieces(fields, same))
                + (same ? 0 : Listpack.entryBytes(fields));
        for (int i = same ? 1 : 0; i < 2 * fields; i += same ? 2 : 1) {
            bytes += Listpack.entryBytes(words.apply(i));
        }
        return bytes;
    }

    private static long pieces(int fields, boolean same) {
        return same ? StreamNode.FIXED_PIECES + fields : StreamNode.FIXED_PIECES + 1 + 2L * fields;
    }

    private static void writeEntry(
            long listpack, long ms, long seq, int fields, IntFunction<Bytes> words, boolean same) {
        int end = Listpack.write(listpack, Listpack.end(listpack), same ? StreamNode.SAME_FIELDS : 0);
        end = Listpack.write(listpack, end, ms);
        end = Listpack.write(listpack, end, seq);
        if (!same) {
            end = Listpack.write(listpack, end, fields);
        }
        for (int i = same ? 1 : 0; i < 2 * fields; i += same ? 2 : 1) {
            end = Listpack.write(listpack, end, words.apply(i));
        }
        long pieces = pieces(fields, same);
        end = Listpack.write(listpack, end, pieces);
        Listpack.close(listpack, end, Math.toIntExact(pieces + 1));
    }

    /// To be called before a node changes, or goes: a snapshot under way may still want it.
    private void keep(long node) {
        if (division instanceof StreamDivision running) {
            running.keepNode(node);
        }
    }

    /// Gives a node, which the tree's cursor is on, another size.
    private long resize(CountedTree.Cursor place, long node, int oldBytes, int newBytes) {
        int oldBlock = StreamNode.blockBytes(oldBytes);
        int newBlock = StreamNode.blockBytes(newBytes);
        if (oldBlock == newBlock) {
            return node;
        }
        long moved = lease.reallocate(node, oldBlock, newBlock);
        if (moved != node) {
            place.replace(moved, 1);
            shape++;
        }
        return moved;
    }

    /// Adds a node that another stream has had, or a file: a copy of its listpack.
    ///
    /// @param count the entries that are there
    void addNode(long ms, long seq, long listpack, long count) {
        int bytes = Listpack.bytes(listpack);
        long node = lease.allocate(StreamNode.blockBytes(bytes));
        StreamNode.id(node, ms, seq);
        Memory.copy(listpack, StreamNode.listpack(node), bytes);
        nodes.append(node, 1);
        length += count;
    }

    // -------------------------------------------------------------------------------------------------- removing

    /// Deletes an entry by its ID.
    public Deletion delete(StreamId id, References references, StreamCursor cursor) {
        if (references == References.RESPECT && isReferenced(id)) {
            return Deletion.REFERENCED;
        }
        if (references == References.DELETE && groups != null) {
            groups.forget(id);
        }
        if (!has(id, cursor)) {
            return Deletion.MISSING;
        }
        remove(cursor.entry());
        if (id.isAfter(maxDeletedId)) {
            maxDeletedId = id;
        }
        if (length == 0 || id.equals(firstId)) {
            findFirst(cursor);
        }
        return Deletion.DONE;
    }

    /// Marks an entry of the node that the tree's cursor is on.
    private void remove(int entry) {
        CountedTree.Cursor place = nodes.cursor();
        keep(place.block());
        long listpack = StreamNode.listpack(place.block());
        StreamNode.markDeleted(listpack, entry);
        length--;
        if (StreamNode.count(listpack) == 1) {
            removeNode(place);
        } else {
            recount(place, StreamNode.count(listpack) - 1, StreamNode.deleted(listpack) + 1);
        }
    }

    /// Takes the node out that a cursor is on, which goes to the next.
    private void removeNode(CountedTree.Cursor place) {
        long node = place.block();
        keep(node);
        place.remove();
        freeNode(node);
    }

    /// Writes the counts of the node that a cursor is on.
    private void recount(CountedTree.Cursor place, long count, long deleted) {
        long node = place.block();
        int oldBytes = Listpack.bytes(StreamNode.listpack(node));
        int newBytes = StreamNode.bytesWith(StreamNode.listpack(node), count, deleted);
        if (newBytes > oldBytes) {
            node = resize(place, node, oldBytes, newBytes);
        }
        StreamNode.counts(StreamNode.listpack(node), count, deleted);
        if (newBytes < oldBytes) {
            resize(place, node, oldBytes, newBytes);
        }
        if (newBytes != oldBytes) {
            shape++;
        }
    }

    private void freeNode(long node) {
        lease.free(node, StreamNode.blockBytesOf(node));
        shape++;
    }

    private void findFirst(StreamCursor cursor) {
        boolean any = cursor.forwards(this, StreamId.MIN, StreamId.MAX).next();
        firstId = any ? cursor.id() : StreamId.MIN;
    }

    /// What XTRIM is to leave.
    ///
    /// @param maxLength how many entries stay; ignored if there is `minId`
    /// @param minId the first ID that stays
    /// @param isApproximate only whole nodes go
    /// @param limit the most entries that go; 0 for any number; or [Trim#USUAL_LIMIT]
    public record Trim(
            long maxLength, @Nullable StreamId minId, boolean isApproximate, long limit, References references) {
        /// As many as a hundred nodes may have.
        public static final long USUAL_LIMIT = -1;
    }

    private long limitOf(Trim trim) {
        if (trim.limit != Trim.USUAL_LIMIT) {
            return trim.limit;
        }
        long nodeEntries = Math.min(settings.streamNodeMaxEntries, MAX_USUAL_LIMIT);
        return nodeEntries == 0 ? USUAL_LIMIT : Math.min(nodeEntries * USUAL_NODES, MAX_USUAL_LIMIT);
    }

    /// Takes the first entries out.
    ///
    /// @return how many
    public long trim(Trim trim, StreamCursor cursor) {
        long before = length;
        long limit = limitOf(trim);
        CountedTree.Cursor place = nodes.cursor();
        boolean more = place.first();
        while (more && (trim.minId != null || length > trim.maxLength)) {
            long node = place.block();
            long count = StreamNode.count(StreamNode.listpack(node));
            if (limit != 0 && before - length + count > limit) {
                break;
            }
            boolean isWhole = isWholeNodeBeyond(node, count, trim);
            if (isWhole && trim.references == References.KEEP) {
                removeNode(place);
                length -= count;
            } else if (trim.isApproximate && trim.references == References.KEEP) {
                break;
            } else {
                boolean isEmpty = trimWithin(place, trim);
                if (isWhole && isEmpty) {
                    removeNode(place);
                    more = place.has();
                } else {
                    more = isWhole && place.next();
                }
                continue;
            }
            more = place.has();
        }
        if (length != before) {
            findFirst(cursor);
        }
        return before - length;
    }

    private boolean isWholeNodeBeyond(long node, long count, Trim trim) {
        if (trim.minId == null) {
            return length - count >= trim.maxLength;
        }
        long listpack = StreamNode.listpack(node);
        int last = StreamNode.previous(listpack, Listpack.end(listpack));
        return StreamId.compare(
                        StreamNode.ms(node, last), StreamNode.seq(node, last), trim.minId.ms(), trim.minId.seq())
                < 0;
    }

    /// Marks the entries of a node that are to go.
    ///
    /// @return whether none is left
    private boolean trimWithin(CountedTree.Cursor place, Trim trim) {
        long node = place.block();
        keep(node);
        long listpack = StreamNode.listpack(node);
        int head = (int) Listpack.integer(listpack, StreamNode.fieldsAt(listpack));
        long gone = 0;
        int entry = StreamNode.first(listpack);
        while (Listpack.has(listpack, entry)) {
            StreamId id = new StreamId(StreamNode.ms(node, entry), StreamNode.seq(node, entry));
            if (trim.minId == null ? length <= trim.maxLength : !id.isBefore(trim.minId)) {
                break;
            }
            long flags = Listpack.integer(listpack, entry);
            if ((flags & StreamNode.DELETED) == 0 && mayGo(id, trim.references)) {
                StreamNode.markDeleted(listpack, entry);
                length--;
                gone++;
            }
            entry = StreamNode.next(listpack, entry, head);
        }
        long left = StreamNode.count(listpack) - gone;
        recount(place, left, StreamNode.deleted(listpack) + gone);
        return left == 0;
    }

    private boolean mayGo(StreamId id, References references) {
        if (references == References.DELETE && groups != null) {
            groups.forget(id);
        }
        return references != References.RESPECT || !isReferenced(id);
    }

    private boolean isReferenced(StreamId id) {
        return groups != null && groups.refersTo(id);
    }

    // -------------------------------------------------------------------------------------------------- groups

    public long groupCount() {
        return groups == null ? 0 : groups.size();
    }

    /// The group of a name, or null.
    public @Nullable StreamGroup group(Bytes name) {
        return groups == null ? null : groups.group(name);
    }

    /// The first group by name, or null; [StreamGroup#next] goes on.
    public @Nullable StreamGroup firstGroup() {
        return groups == null ? null : groups.first();
    }

    /// Adds a group, whose name no other has.
    ///
    /// @param entriesRead how many entries it has read, or [StreamGroup#UNKNOWN]
    public StreamGroup addGroup(Bytes name, StreamId lastId, long entriesRead) {
        if (groups == null) {
            groups = new StreamGroups(this, lease);
        }
        return groups.add(name, lastId, entriesRead);
    }

    /// How many entries had been added when an ID was, if that can be told: -1 if not.
    public long distanceFromFirst(StreamId id) {
        if (entriesAdded == 0) {
            return 0;
        }
        if (length == 0 && !id.isAfter(lastId)) {
            return entriesAdded;
        }
        if (!id.equals(StreamId.MIN) && id.isBefore(maxDeletedId) || id.isAfter(lastId)) {
            return StreamGroup.UNKNOWN;
        }
        if (id.equals(lastId)) {
            return entriesAdded;
        }
        boolean isWhole = maxDeletedId.equals(StreamId.MIN) || maxDeletedId.isBefore(firstId);
        int order = id.compareTo(firstId);
        if (!isWhole || order > 0) {
            return StreamGroup.UNKNOWN;
        }
        return entriesAdded - length + (order == 0 ? 1 : 0);
    }

    /// Whether an entry after an ID may have been deleted by its ID.
    boolean hasGapAfter(StreamId id) {
        return length != 0 && !maxDeletedId.equals(StreamId.MIN) && !maxDeletedId.isBefore(id);
    }

    // -------------------------------------------------------------------------------------------------- the whole

    /// Who has added which entries; null if nobody has said so yet.
    public @Nullable StreamProducers producers() {
        return producers;
    }

    /// The same, made if it is not there.
    public StreamProducers madeProducers() {
        if (producers == null) {
            producers = new StreamProducers(lease, settings.streamIdmpDuration * 1000, settings.streamIdmpMaxsize);
        }
        return producers;
    }

    /// What is done with a node: a listpack, and the ID that the IDs in it are told from.
    @FunctionalInterface
    public interface NodeVisitor {
        void visit(StreamId id, Bytes listpack);
    }

    /// Visits all nodes in order, as RDB has them.
    public void forEachNode(NodeVisitor visitor) {
        Bytes window = new Bytes();
        CountedTree.Cursor cursor = nodes.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            long node = cursor.block();
            long listpack = StreamNode.listpack(node);
            visitor.visit(
                    new StreamId(StreamNode.ms(node), StreamNode.seq(node)),
                    window.set(listpack, Listpack.bytes(listpack)));
        }
    }

    /// Adds a node that comes after all others. [PackedBlock#streamNode] has said that it is one.
    public void addNode(StreamId id, Bytes listpack) {
        addNode(id.ms(), id.seq(), listpack.address(), StreamNode.count(listpack.address()));
    }

    /// Ends the restoring of a stream whose nodes have been added.
    public void restored(StreamId lastEntry, StreamId deleted, long added, StreamCursor cursor) {
        lastId = lastEntry;
        maxDeletedId = deleted;
        entriesAdded = added;
        findFirst(cursor);
    }

    /// Entries, and whatever the groups have.
    @Override
    long elements() {
        return length + (groups == null ? 0 : groups.elements());
    }

    @Override
    Division newDivision(Shard shard) {
        return new StreamDivision(this, groups, shard);
    }

    /// Takes a group out, with all that it has: some of that is freed at once, and the rest, if there is any, later.
    public void removeGroup(Entry entry, StreamGroup group) {
        takeOut(group);
        entry.shard.clear(this);
    }

    void takeOut(StreamGroup group) {
        requireNonNull(groups, "the group is another stream's").remove(group.at());
    }

    @Override
    boolean clear(int most) {
        return groups == null || groups.clear(most);
    }

    @Override
    boolean drain(int most) {
        if (!nodes.drain(most, this::freeNode)) {
            return false;
        }
        return (groups == null || groups.drain(most)) && (producers == null || producers.drain(most));
    }

    @Override
    Root copy(Lease copyLease) {
        StreamValue copy = new StreamValue(copyLease, settings);
        CountedTree.Cursor cursor = nodes.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            long node = cursor.block();
            long listpack = StreamNode.listpack(node);
            copy.addNode(StreamNode.ms(node), StreamNode.seq(node), listpack, StreamNode.count(listpack));
        }
        copy.lastId = lastId;
        copy.firstId = firstId;
        copy.maxDeletedId = maxDeletedId;
        copy.entriesAdded = entriesAdded;
        if (groups != null) {
            copy.groups = groups.copy(copy, copyLease);
        }
        if (producers != null) {
            copy.producers = producers.copy(copyLease);
        }
        return copy;
    }
}
