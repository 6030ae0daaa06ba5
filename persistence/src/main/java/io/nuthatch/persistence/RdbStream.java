package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Entry;
import io.nuthatch.store.PackedBlock;
import io.nuthatch.store.PackedBlock.StreamNodeFigures;
import io.nuthatch.store.StreamConsumer;
import io.nuthatch.store.StreamGroup;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamParts;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.Tx;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A stream in RDB. It is gone through twice, as [RdbElements].
///
/// ```
///   STREAM_2   count of nodes, (string: the ID that the IDs in it are told from, string: a listpack) ...
///              entries, last ID, first ID, highest deleted ID, entries ever added
///              count of groups, group ...
///   group      name, last delivered ID, entries read (-1: unknown),
///              count of pending entries, (ID 16, time of delivery 8, deliveries) ...
///              count of consumers, consumer ...
///   consumer   name, when it was seen 8, count of its pending entries, (ID 16) ...
/// ```
/// An ID is two lengths, milliseconds and number; where a size stands behind it, sixteen bytes, the highest
/// first. Times are milliseconds since 1970, the lowest byte first.
///
/// STREAM is what Redis 5 wrote: without first ID, highest deleted ID, entries added and entries read.
/// STREAM_3, of Redis 7.2, has behind the time at which a consumer was seen also when it was active. STREAM_2
/// is what is written, which every server since 7.0 reads. Entries that were returned to their group (XNACK)
/// are written as those of a consumer without a name, for in this form every pending entry has a consumer.
///
/// Nodes, groups, consumers and pending entries rise by ID or name, as all servers write them: so it is seen
/// without a memory of them that none comes twice.
final class RdbStream implements RdbValue {
    private static final int ID_BYTES = 16;

    /// The fewest bytes that a pending entry takes.
    private static final int PENDING_BYTES = ID_BYTES + Long.BYTES + 1;

    private final RdbType form;
    private final RdbInput input;

    private RdbStream(RdbType form, RdbInput input) {
        this.form = form;
        this.input = input;
    }

    /// Checks a stream, and steps over it.
    ///
    /// @throws RdbCorruption if it is none
    static RdbStream read(RdbType form, RdbInput input) {
        RdbInput again = input.fork();
        try (Check check = new Check(input)) {
            walk(form, input, check);
        }
        return new RdbStream(form, again);
    }

    // -------------------------------------------------------------------------------------------------- writing

    static void write(Entry entry, RdbOutput output) {
        StreamValue stream = StreamValue.of(entry);
        output.type(RdbType.STREAM_2);
        output.length(stream.nodeCount());
        stream.forEachNode((first, listpack) -> writeNode(first, listpack, output));
        StreamParts.tell(stream, partsInto(() -> output));
    }

    static void writeNode(StreamId first, Bytes listpack, RdbOutput output) {
        try (Scratch id = Scratch.ofLength(ID_BYTES)) {
            Memory.putLong(id.bytes().address(), Long.reverseBytes(first.ms()));
            Memory.putLong(id.bytes().address() + Long.BYTES, Long.reverseBytes(first.seq()));
            output.string(id.bytes());
        }
        output.string(listpack);
    }

    /// Writes what comes behind the nodes.
    ///
    /// @param output asked for each part where it goes
    static StreamParts partsInto(Supplier<RdbOutput> output) {
        return new Parts(output);
    }

    private record Parts(Supplier<RdbOutput> output) implements StreamParts {
        @Override
        public void figures(Figures figures) {
            RdbOutput to = output.get();
            to.length(figures.length());
            write(figures.lastId(), to);
            write(figures.firstId(), to);
            write(figures.maxDeletedId(), to);
            to.length(figures.entriesAdded());
            to.length(figures.groups());
        }

        @Override
        public void group(Bytes name, StreamId lastId, long entriesRead, long pending) {
            RdbOutput to = output.get();
            to.string(name);
            write(lastId, to);
            to.length(entriesRead);
            to.length(pending);
        }

        @Override
        public void pending(StreamId id, long deliveredMs, long deliveries) {
            RdbOutput to = output.get();
            writeRaw(id, to);
            to.fixedLong(deliveredMs);
            to.length(deliveries);
        }

        @Override
        public void consumers(long count) {
            output.get().length(count);
        }

        @Override
        public void consumer(Bytes name, long seenMs, long owned) {
            RdbOutput to = output.get();
            to.string(name);
            to.fixedLong(seenMs);
            to.length(owned);
        }

        @Override
        public void owned(StreamId id) {
            writeRaw(id, output.get());
        }

        private static void write(StreamId id, RdbOutput to) {
            to.length(id.ms());
            to.length(id.seq());
        }

        private static void writeRaw(StreamId id, RdbOutput to) {
            to.fixedLong(Long.reverseBytes(id.ms()));
            to.fixedLong(Long.reverseBytes(id.seq()));
        }
    }

    // -------------------------------------------------------------------------------------------------- reading

    /// What is told of a stream, in this order.
    private interface Visitor {
        void node(StreamId id, Bytes listpack);

        /// @param added -1 if it is not told
        void figures(long length, StreamId last, StreamId maxDeleted, long added);

        /// @param entriesRead [StreamGroup#UNKNOWN] if it is not told
        /// @param pending how many pending entries follow
        void group(Bytes name, StreamId last, boolean tellsRead, long entriesRead, int pending);

        void pending(StreamId id, long deliveredMs, long deliveries);

        void consumer(Bytes name, long seenMs, long activeMs);

        void own(StreamId id);

        void endOfGroup();
    }

    private static void walk(RdbType form, RdbInput input, Visitor visitor) {
        for (int left = input.length(); left > 0; left--) {
            try (RdbString id = input.string();
                    RdbString listpack = input.string()) {
                if (id.bytes().length() != ID_BYTES) {
                    throw input.corrupt("no ID of a node");
                }
                visitor.node(id(id.bytes()), listpack.bytes());
            }
        }
        boolean isOld = form == RdbType.STREAM;
        long length = input.number();
        StreamId last = id(input);
        if (!isOld) {
            // The first ID follows from the entries.
            id(input);
        }
        StreamId maxDeleted = isOld ? StreamId.MIN : id(input);
        visitor.figures(length, last, maxDeleted, isOld ? length : input.number());
        for (int left = input.length(); left > 0; left--) {
            walkGroup(form, input, visitor);
        }
    }

    private static void walkGroup(RdbType form, RdbInput input, Visitor visitor) {
        try (RdbString name = input.string()) {
            StreamId last = id(input);
            boolean tellsRead = form != RdbType.STREAM;
            long entriesRead = tellsRead ? input.number() : StreamGroup.UNKNOWN;
            int pending = input.length();
            visitor.group(name.bytes(), last, tellsRead, entriesRead, pending);
            for (int left = pending; left > 0; left--) {
                visitor.pending(rawId(input), input.fixedLong(), input.number());
            }
        }
        for (int left = input.length(); left > 0; left--) {
            try (RdbString name = input.string()) {
                long seenMs = input.fixedLong();
                visitor.consumer(name.bytes(), seenMs, form == RdbType.STREAM_3 ? input.fixedLong() : seenMs);
            }
            for (int own = input.length(); own > 0; own--) {
                visitor.own(rawId(input));
            }
        }
        visitor.endOfGroup();
    }

    private static StreamId id(RdbInput input) {
        return new StreamId(input.number(), input.number());
    }

    private static StreamId rawId(RdbInput input) {
        return id(input.plain(ID_BYTES, new Bytes()));
    }

    private static StreamId id(Bytes raw) {
        return new StreamId(
                Long.reverseBytes(Memory.getLong(raw.address())),
                Long.reverseBytes(Memory.getLong(raw.address() + Long.BYTES)));
    }

    /// Looks at everything, and stores nothing but the IDs of one group's pending entries: each must have one
    /// consumer.
    private static final class Check implements Visitor, AutoCloseable {
        private final RdbInput input;
        private long entries;
        private @Nullable StreamId lastEntry;
        private byte @Nullable [] lastGroup;
        private byte @Nullable [] lastConsumer;
        private @Nullable StreamId lastPending;
        private @Nullable StreamId lastOwn;

        /// The IDs, sixteen bytes each, and behind them a byte for each: whether it has a consumer.
        private long ids;

        private int room;
        private int count;
        private int owned;

        Check(RdbInput input) {
            this.input = input;
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw input.corrupt(what);
            }
        }

        @Override
        public void node(StreamId id, Bytes listpack) {
            StreamNodeFigures figures = PackedBlock.streamNode(id, listpack);
            if (figures == null) {
                throw input.corrupt("no node of a stream");
            }
            require(lastEntry == null || lastEntry.isBefore(id), "nodes out of order");
            lastEntry = figures.last();
            entries += figures.count();
        }

        @Override
        public void figures(long length, StreamId last, StreamId maxDeleted, long added) {
            require(length == entries && added >= length, "wrong number of entries");
            require(lastEntry == null || !last.isBefore(lastEntry), "wrong last ID");
        }

        @Override
        public void group(Bytes name, StreamId last, boolean tellsRead, long entriesRead, int pending) {
            require(isAfter(name, lastGroup), "groups out of order");
            require(entriesRead >= StreamGroup.UNKNOWN, "wrong number of entries read");
            require(pending <= input.remaining() / PENDING_BYTES, "ends early");
            lastGroup = name.toArray();
            lastConsumer = null;
            lastPending = null;
            close();
            room = pending;
            count = owned = 0;
            ids = Memory.allocate(bytes());
        }

        private long bytes() {
            return Math.max(1, room * (ID_BYTES + 1L));
        }

        private static boolean isAfter(Bytes name, byte @Nullable [] before) {
            return before == null || Arrays.compareUnsigned(name.toArray(), before) > 0;
        }

        @Override
        public void pending(StreamId id, long deliveredMs, long deliveries) {
            require(lastPending == null || lastPending.isBefore(id), "pending entries out of order");
            require(deliveredMs >= 0 && deliveries >= 0, "wrong time or count");
            lastPending = id;
            Memory.putLong(ids + (long) ID_BYTES * count, id.ms());
            Memory.putLong(ids + (long) ID_BYTES * count + Long.BYTES, id.seq());
            Memory.putByte(mark(count), 0);
            count++;
        }

        private long mark(int index) {
            return ids + (long) ID_BYTES * room + index;
        }

        @Override
        public void consumer(Bytes name, long seenMs, long activeMs) {
            require(isAfter(name, lastConsumer), "consumers out of order");
            require(seenMs >= 0 && activeMs >= StreamConsumer.NEVER, "wrong time");
            lastConsumer = name.toArray();
            lastOwn = null;
        }

        @Override
        public void own(StreamId id) {
            require(lastOwn == null || lastOwn.isBefore(id), "pending entries out of order");
            lastOwn = id;
            int index = find(id);
            require(index >= 0 && Memory.getByte(mark(index)) == 0, "no such pending entry");
            Memory.putByte(mark(index), 1);
            owned++;
        }

        private int find(StreamId id) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = low + high >>> 1;
                long at = ids + (long) ID_BYTES * middle;
                int order = new StreamId(Memory.getLong(at), Memory.getLong(at + Long.BYTES)).compareTo(id);
                if (order == 0) {
                    return middle;
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -1;
        }

        @Override
        public void endOfGroup() {
            require(owned == count, "a pending entry without a consumer");
        }

        @Override
        public void close() {
            if (ids != 0) {
                Memory.free(ids, bytes());
                ids = 0;
            }
        }
    }

    /// Makes the stream, of what has been checked.
    private static final class Target implements Visitor {
        private final StreamValue stream;
        private final Tx tx;
        private @Nullable StreamGroup group;
        private @Nullable StreamConsumer consumer;

        Target(StreamValue stream, Tx tx) {
            this.stream = stream;
            this.tx = tx;
        }

        @Override
        public void node(StreamId id, Bytes listpack) {
            stream.addNode(id, listpack);
        }

        @Override
        public void figures(long length, StreamId last, StreamId maxDeleted, long added) {
            stream.restored(last, maxDeleted, added, tx.streamCursor());
        }

        @Override
        public void group(Bytes name, StreamId last, boolean tellsRead, long entriesRead, int pending) {
            group = stream.addGroup(name, last, tellsRead ? entriesRead : stream.distanceFromFirst(last));
        }

        private StreamGroup group() {
            return Objects.requireNonNull(group);
        }

        @Override
        public void pending(StreamId id, long deliveredMs, long deliveries) {
            group().restorePending(id, deliveredMs, deliveries);
        }

        @Override
        public void consumer(Bytes name, long seenMs, long activeMs) {
            consumer = group().addConsumer(name, seenMs);
            consumer.activeMs(activeMs);
        }

        @Override
        public void own(StreamId id) {
            group().restoreOwner(Objects.requireNonNull(consumer), id);
        }

        @Override
        public void endOfGroup() {
            group().putInOrder();
        }
    }

    @Override
    public void store(Tx tx, Bytes key, long deadlineMs) {
        Entry entry = StreamValue.create(tx, key);
        walk(form, input, new Target(StreamValue.of(entry), tx));
        if (deadlineMs != Tx.NO_DEADLINE) {
            Objects.requireNonNull(tx.find(key)).deadlineMs(deadlineMs);
        }
    }

    @Override
    public void close() {}
}
