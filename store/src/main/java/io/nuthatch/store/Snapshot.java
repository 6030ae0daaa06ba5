package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// All keys as they are at one moment, handed out bit by bit while commands go on. It does what Redis forks for.
///
/// ## The cut
/// The moment is the cut: all shards are locked, and a bit that every record has (its *mark*) changes its meaning, so
/// that all records there are now differ from what their shard says: they are *pending*. That takes some microseconds
/// at any size. Whatever comes to be later gets the new mark and is not part of the snapshot. As a transaction holds
/// all its shards at once, the cut sees all of it or nothing.
///
/// ```
///   mark of the shard   0 0 0 0 0 │ 1 1 1 1 1 1 1 1
///   mark of records     0 0 0 0 0 │ 0 0 0 0 0 0 0 0     pending
///                                 │   ↓     ↓ ↓         a command is about to change them: handed out before
///                                 │ 0 1 0 0 1 1 0 0
///                                 │ ─── walk ───→       the others, slice by slice
///                                cut
/// ```
/// [#advance] walks through the tables as they were at the cut and hands out what is pending, a few records under each
/// lock. A command that is about to change a pending record hands it out itself before it goes on ([Tx] does so with
/// each entry that it gives out for writing; [Table] with each record that goes). When the walk has ended, nothing is
/// pending, and the next snapshot changes the meaning of the mark back. Hence one that is given up still walks to its
/// end.
///
/// ## Large collections
/// They go out in pieces ([Division]): their own elements have a mark, and each that changes goes out before. Of those
/// whose elements have an order in the file, it is kept until its turn comes.
///
/// ## What it costs
/// No memory of its own, but for what the receiver has not written yet and one bit a record. Without a snapshot, one
/// branch for each key that a command finds.
///
/// Locks: the tables and records are those of their shards. [#advance] is for one thread, which holds no lock.
public final class Snapshot implements AutoCloseable {
    /// Records that are handed out under one lock: some ten microseconds' worth.
    private static final int SLICE_RECORDS = 64;

    /// Or fewer, if their values have so many bytes, which may have to be compressed.
    private static final int SLICE_BYTES = 64 * 1024;

    /// Larger collections go out in pieces: of more elements, or more bytes.
    static final int WHOLE_ELEMENTS = 256;

    private static final int WHOLE_BYTES = 64 * 1024;

    /// Is handed what there was at the cut. Whoever calls holds the lock of the key's shard, so it must neither
    /// wait nor fail, nor keep the windows it is handed. Calls for one shard come one after another, others side
    /// by side.
    public interface Receiver {
        /// A key with all of its value.
        void whole(int shard, int db, Entry entry);

        /// A key whose value comes in pieces. The entry is good for its key, type, deadline and use.
        ///
        /// @param count how many pieces will come: elements, or, of a list, its listpacks, and of a stream, its nodes
        Pieces inPieces(int shard, int db, Entry entry, long count);
    }

    /// Is handed a large collection piece by piece, under the same conditions; the pieces of one collection come one
    /// after another.
    public interface Pieces {
        /// From now on the walk is with this collection until it ends; of others, only what changes may come meanwhile.
        void turn();

        /// A member of a set.
        void member(Bytes member);

        /// A member of a sorted set.
        void member(Bytes member, double score);

        /// A field of a hash.
        ///
        /// @param deadlineMs when it expires, or [Tx#NO_DEADLINE]
        void field(Bytes field, Bytes value, long deadlineMs);

        /// A listpack of a list. They come in their order, as a stream's nodes do; other elements do not.
        void listpack(Bytes listpack);

        /// A node of a stream.
        ///
        /// @param first the ID that the IDs in it are told from
        void node(StreamId first, Bytes listpack);

        /// Takes a listpack whose turn has not come, for it is about to change.
        Kept keepListpack(Bytes listpack);

        /// Takes a node of a stream whose turn has not come.
        Kept keepNode(StreamId first, Bytes listpack);

        /// What was taken before, whose turn it is now.
        void kept(Kept kept);

        /// Is handed the rest of a stream, behind its nodes.
        StreamParts stream();

        /// There are no more.
        void end();
    }

    /// What a receiver has taken before its turn came.
    public interface Kept extends AutoCloseable {
        /// Nobody wants it any more.
        @Override
        void close();
    }

    /// Takes what is handed out by a snapshot that nobody wants any more.
    private static final Receiver NOBODY = new Receiver() {
        @Override
        public void whole(int shard, int db, Entry entry) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public Pieces inPieces(int shard, int db, Entry entry, long count) {
            return NOTHING;
        }
    };

    private static final Kept NOT_KEPT = () -> {};

    private static final StreamParts NO_PARTS = new StreamParts() {
        @Override
        public void figures(Figures figures) {
            // Nobody waits for it.
        }

        @Override
        public void group(Bytes name, StreamId lastId, long entriesRead, long pending) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void pending(StreamId id, long deliveredMs, long deliveries) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void consumers(long count) {
            // Nobody waits for it.
        }

        @Override
        public void consumer(Bytes name, long seenMs, long owned) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void owned(StreamId id) {
            // It is marked, which is all that is left to do.
        }
    };

    static final Pieces NOTHING = new Pieces() {
        @Override
        public void turn() {
            // Nobody waits for it.
        }

        @Override
        public void member(Bytes member) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void member(Bytes member, double score) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void field(Bytes field, Bytes value, long deadlineMs) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void listpack(Bytes listpack) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public void node(StreamId first, Bytes listpack) {
            // It is marked, which is all that is left to do.
        }

        @Override
        public Kept keepListpack(Bytes listpack) {
            return NOT_KEPT;
        }

        @Override
        public Kept keepNode(StreamId first, Bytes listpack) {
            return NOT_KEPT;
        }

        @Override
        public void kept(Kept kept) {
            kept.close();
        }

        @Override
        public StreamParts stream() {
            return NO_PARTS;
        }

        @Override
        public void end() {
            // It is marked, which is all that is left to do.
        }
    };

    private final Keyspace keyspace;
    private final List<Table> tables = new ArrayList<>();
    private final Queue<Division> divisions = new ConcurrentLinkedQueue<>();
    private final long[] keys;
    private final long[] keysWithDeadline;
    private volatile Receiver receiver;
    private volatile boolean abandoned;

    // Of the thread that walks.
    private final long[] found = new long[SLICE_RECORDS + 64];
    private int foundCount;
    private long foundBytes;
    private int table;
    private long cursor;
    private boolean ended;

    /// All shards are locked.
    private Snapshot(Keyspace keyspace, Receiver receiver) {
        this.keyspace = keyspace;
        this.receiver = receiver;
        keys = new long[keyspace.databases()];
        keysWithDeadline = new long[keyspace.databases()];
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = keyspace.shard(i);
            shard.mark ^= Record.MARK;
            shard.snapshot = this;
            for (Table each : shard.tables) {
                if (each != null && each.size() > 0) {
                    each.hold();
                    tables.add(each);
                    keys[each.db] += each.size();
                    keysWithDeadline[each.db] += each.withDeadline();
                }
            }
        }
    }

    /// Makes the cut.
    ///
    /// @param atTheCut is run while everything stands still
    static Snapshot begin(Keyspace keyspace, Receiver receiver, long nowMs, Runnable atTheCut) {
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            keyspace.shard(i).reader(nowMs);
        }
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            keyspace.shard(i).lock.lock();
        }
        try {
            if (keyspace.shard(0).snapshot != null) {
                throw new IllegalStateException("there is a snapshot already");
            }
            Snapshot snapshot = new Snapshot(keyspace, receiver);
            atTheCut.run();
            return snapshot;
        } finally {
            for (int i = 0; i < Keyspace.SHARDS; i++) {
                keyspace.shard(i).lock.unlock();
            }
        }
    }

    /// How many keys a database had at the cut.
    public long keys(int db) {
        return keys[db];
    }

    /// How many of them had a deadline.
    public long keysWithDeadline(int db) {
        return keysWithDeadline[db];
    }

    // ---- what is about to change ------------------------------------------------------------------------------

    /// Hands a record out if it is pending: it is about to change, or to go. The shard is locked.
    void keep(Shard shard, Table home, long at) {
        if (Record.mark(at) != shard.mark) {
            handOut(shard, home, at);
        }
    }

    private void handOut(Shard shard, Table home, long at) {
        Record.mark(at, shard.mark);
        Entry entry = shard.window(home, at);
        if (entry.isRoot() && isLarge(entry.root())) {
            Division division = entry.root().divide(shard);
            division.begin(receiver.inPieces(shard.number, home.dbAtCut(), entry, division.count()));
            divisions.add(division);
            return;
        }
        receiver.whole(shard.number, home.dbAtCut(), entry);
    }

    private static boolean isLarge(Root root) {
        return root.elements() > WHOLE_ELEMENTS || root.lease.usedBytes() > WHOLE_BYTES;
    }

    // ---- the walk -----------------------------------------------------------------------------------------------

    /// Hands out a little of what is pending.
    ///
    /// @return whether there is more
    public boolean advance() {
        Division division = divisions.peek();
        if (division != null) {
            if (!division.advance(keyspace)) {
                divisions.remove();
            }
            return true;
        }
        if (table < tables.size()) {
            walk(tables.get(table));
            return true;
        }
        end();
        return false;
    }

    private void walk(Table home) {
        Shard shard = home.shard();
        shard.lock.lock();
        try {
            foundCount = 0;
            foundBytes = 0;
            do {
                cursor = home.index.scan(cursor, this::find);
            } while (cursor != 0 && foundCount < SLICE_RECORDS && foundBytes < SLICE_BYTES);
            for (int i = 0; i < foundCount; i++) {
                keep(shard, home, found[i]);
            }
            if (cursor == 0) {
                home.release();
                table++;
            }
        } finally {
            shard.lock.unlock();
        }
    }

    /// A place with more records than there is room for is one where thousands have the same hash; they go one by one.
    private void find(long at) {
        Table home = tables.get(table);
        if (Record.mark(at) == home.shard().mark) {
            return;
        }
        if (foundCount < found.length) {
            found[foundCount++] = at;
            foundBytes += valueBytes(home.shard(), at);
        } else {
            handOut(home.shard(), home, at);
        }
    }

    /// How much there is to hand out of a record under this lock.
    private static long valueBytes(Shard shard, long at) {
        return switch (Record.form(at)) {
            case Record.OUTSIDE -> Record.outsideLength(at);
            case Record.ROOT -> shard.roots.get(Record.rootNumber(at)).lease.usedBytes();
            default -> Record.valueBytes(Record.form(at), Record.inlineLength(at));
        };
    }

    private void end() {
        if (ended) {
            return;
        }
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            Shard shard = keyspace.shard(i);
            shard.lock.lock();
            shard.snapshot = null;
            shard.lock.unlock();
        }
        ended = true;
    }

    /// Whether all has been handed out.
    public boolean isComplete() {
        return ended && !abandoned;
    }

    /// Gives up what has not been handed out, if anything: the walk goes on to its end without telling anyone.
    @Override
    public void close() {
        if (!ended) {
            abandoned = true;
            receiver = NOBODY;
            divisions.forEach(division -> division.tell(NOTHING));
            while (advance()) {
                // Each step marks some more.
            }
        }
    }
}
