package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Snapshot;
import io.nuthatch.store.StreamId;
import io.nuthatch.store.StreamParts;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One save of all keys, as they are at one moment, to an RDB file: a [Snapshot] on its way to disk.
///
/// ```
///   walk, and commands ──► a piece for each shard      ──► pieces that are full ──► file
///                     └──► each large collection       ──► its pieces, when its turn comes ──┘
///                                  too many ──► second file ──► when their turn comes ───────┘
/// ```
/// Pieces that wait for the disk, those under way included, are all the memory that a save takes, and there is a bound
/// to them ([#mostBytes]). When more would wait, whoever adds writes:
///
/// - what may go to the file now: whole keys as long as no large collection is being written, whose pieces must stand
///   together, and else pieces of that one;
/// - everything else to a second file ([RdbSpill]): whole keys, which are added at the end; pieces of collections whose
///   turn has not come, however small they are; and what was kept of a list or a stream.
///
/// Threads: [#run] is called by one that may wait. What the snapshot hands out comes from any thread, under the
/// lock of a shard.
final class RdbSave implements Snapshot.Receiver {
    /// Pieces of about this size are handed to the disk.
    private static final int PIECE_BYTES = 64 * 1024;

    /// Of the data, so much may wait for the disk: a thirty-second, or this if that is more.
    private static final long LEAST_BOUND_BYTES = 16 << 20;

    private static final int BOUND_SHIFT = 5;

    /// The second file's name is that of the first and this.
    static final String SPILL_SUFFIX = ".spill";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Disk disk;
    private final Keyspace keyspace;
    private final RdbFormat format;
    private final Path target;
    private final Path temporary;
    private final long mostBytes;
    private final Lzf.Tables tables = new Lzf.Tables();
    private final RdbSpill spill;

    /// A piece under way for each shard. Locks: the shard's.
    private final AtomicReferenceArray<@Nullable RdbKeys> open = new AtomicReferenceArray<>(Keyspace.SHARDS);

    private final Queue<RdbKeys> full = new ConcurrentLinkedQueue<>();

    /// Whole keys in the second file.
    private final Queue<RdbPiece> spilled = new ConcurrentLinkedQueue<>();

    private final Queue<Collection> collections = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong peakBytes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    private final AtomicLong keysDone = new AtomicLong();

    /// The collection whose pieces are being written.
    private volatile @Nullable Collection current;

    private volatile boolean cancelled;
    private volatile long keysTotal;

    /// Of the thread that saves.
    private long longestHoldNanos;

    /// Held by whoever writes to the file. After the lock of a shard, never before it.
    private final ReentrantLock writing = new ReentrantLock();

    private @Nullable RdbFileWriter file;

    /// @param temporary the file's name until it is whole, in the same folder
    RdbSave(Disk disk, Keyspace keyspace, RdbFormat format, Path target, Path temporary) {
        this(disk, keyspace, format, target, temporary, bound(keyspace.usedBytes()));
    }

    private static long bound(long usedBytes) {
        return Math.max(LEAST_BOUND_BYTES, usedBytes >>> BOUND_SHIFT);
    }

    /// @param mostBytes how much may wait for the disk
    RdbSave(Disk disk, Keyspace keyspace, RdbFormat format, Path target, Path temporary, long mostBytes) {
        this.disk = disk;
        this.keyspace = keyspace;
        this.format = format;
        this.target = target;
        this.temporary = temporary;
        this.spill = new RdbSpill(disk, temporary.resolveSibling(temporary.getFileName() + SPILL_SUFFIX));
        this.mostBytes = mostBytes;
    }

    /// Writes the file, which takes the place of the one before when it is whole and on disk.
    ///
    /// @param atTheCut is run at the moment that the file is of, while everything stands still
    /// @throws IOException if it cannot be written; what was there before is as it was
    /// @throws CancellationException if it has been cancelled
    void run(long nowMs, Runnable atTheCut) throws IOException {
        try (RdbFileWriter created =
                RdbFileWriter.create(disk, target, temporary, format, nowMs, keyspace.usedBytes())) {
            file = created;
            long began = processorNanos();
            try (Snapshot snapshot = keyspace.cut(this, nowMs, atTheCut)) {
                held(began);
                writeSizes(snapshot, created);
                while (advance(snapshot)) {
                    drain();
                    check();
                }
            } finally {
                closeOpen();
            }
            drain();
            check();
            addSpilled();
            created.finish();
        } finally {
            file = null;
            drop();
        }
    }

    private boolean advance(Snapshot snapshot) {
        long began = processorNanos();
        boolean more = snapshot.advance();
        held(began);
        return more;
    }

    private void held(long since) {
        longestHoldNanos = Math.max(longestHoldNanos, processorNanos() - since);
    }

    /// What the thread has had of a processor: so a hold does not seem longer where others want it too.
    private static long processorNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /// The longest time that this save has had the lock of a shard at once, of a processor's.
    long longestHoldNanos() {
        return longestHoldNanos;
    }

    /// Has [#run] end soon, with nothing to show for it.
    void cancel() {
        cancelled = true;
    }

    /// The most memory that has waited for the disk at a time.
    long peakBytes() {
        return peakBytes.get();
    }

    /// How many pieces have gone to the second file.
    long spilledPieces() {
        return spill.parts();
    }

    /// How many keys have been handed out.
    long keysDone() {
        return keysDone.get();
    }

    /// How many there are in all.
    long keysTotal() {
        return keysTotal;
    }

    private void writeSizes(Snapshot snapshot, RdbFileWriter to) throws IOException {
        long total = 0;
        for (int db = 0; db < keyspace.databases(); db++) {
            if (snapshot.keys(db) > 0) {
                writing.lock();
                try {
                    to.sizes(db, snapshot.keys(db), snapshot.keysWithDeadline(db));
                } finally {
                    writing.unlock();
                }
                total += snapshot.keys(db);
            }
        }
        keysTotal = total;
    }

    private void check() throws IOException {
        if (cancelled) {
            throw new CancellationException("the save was cancelled: file=" + target);
        }
        switch (fault.get()) {
            case null -> {
                // All is well.
            }
            case IOException failed -> throw failed;
            case RuntimeException failed -> throw failed;
            case Error failed -> throw failed;
            case Throwable failed -> throw new IllegalStateException("cannot save: file=" + target, failed);
        }
    }

    /// The snapshot has ended: nothing is added any more.
    private void closeOpen() {
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            RdbKeys keys = open.getAndSet(i, null);
            if (keys != null) {
                full.add(keys);
                keysDone.addAndGet(keys.count());
            }
        }
    }

    /// Counts what has come to wait, or (less than nothing) has gone.
    private void waits(long more) {
        long waiting = waitingBytes.addAndGet(more);
        if (waiting > peakBytes.get()) {
            peakBytes.accumulateAndGet(waiting, Math::max);
        }
    }

    private boolean isTooMuch() {
        return waitingBytes.get() > mostBytes;
    }

    /// Whether what is handed out is of no use any more.
    private boolean isLost() {
        return fault.get() != null || cancelled;
    }

    // ---- what the snapshot hands out ----------------------------------------------------------------------------

    @Override
    public void whole(int shard, int db, Entry entry) {
        if (isLost()) {
            return;
        }
        try {
            if (RdbKeys.isLong(entry)) {
                RdbKeys own = new RdbKeys(format, tables);
                own.addLong(db, entry);
                waits(own.heldBytes());
                add(own);
            } else {
                addToOpen(shard, db, entry);
            }
        } catch (RuntimeException | Error failed) {
            fault.compareAndSet(null, failed);
        }
    }

    private void addToOpen(int shard, int db, Entry entry) {
        RdbKeys keys = open.get(shard);
        if (keys == null) {
            keys = new RdbKeys(format, tables);
            open.set(shard, keys);
        }
        long before = keys.heldBytes();
        keys.add(db, entry);
        waits(keys.heldBytes() - before);
        if (keys.heldBytes() >= PIECE_BYTES || isTooMuch()) {
            open.set(shard, null);
            add(keys);
        }
    }

    private void add(RdbKeys piece) {
        keysDone.addAndGet(piece.count());
        full.add(piece);
        if (isTooMuch()) {
            relieve();
        }
    }

    /// More waits than may: this thread writes a piece, for it is faster than the disk.
    private void relieve() {
        RdbKeys piece = current == null ? null : full.poll();
        if (piece != null) {
            spilled.add(spill(piece));
            return;
        }
        try {
            writeNext();
        } catch (IOException | RuntimeException | Error failed) {
            fault.compareAndSet(null, failed);
        }
    }

    /// Puts a piece into the second file.
    ///
    /// @return where it is: in memory if that has failed, and the save with it
    private RdbPiece spill(RdbKeys piece) {
        long held = piece.heldBytes();
        try {
            RdbSpill.Part part = spill.add(piece.complete(), piece.version());
            waits(-held);
            piece.close();
            return part;
        } catch (IOException | RuntimeException | Error failed) {
            fault.compareAndSet(null, failed);
            return piece;
        }
    }

    // ---- writing ------------------------------------------------------------------------------------------------

    /// Writes what waits.
    private void drain() throws IOException {
        Collection collection = current;
        boolean ended = collection == null || collection.ended;
        writeAll();
        if (collection != null && ended) {
            collections.remove(collection);
            endTurn();
            writeAll();
        }
    }

    /// All of the collection under way is in the file.
    private void endTurn() {
        writing.lock();
        try {
            current = null;
        } finally {
            writing.unlock();
        }
    }

    private void writeAll() throws IOException {
        boolean more = true;
        while (more) {
            more = writeNext();
        }
    }

    /// Writes a piece that may go to the file: of the collection under way, or of whole keys.
    ///
    /// @return whether there was one
    private boolean writeNext() throws IOException {
        writing.lock();
        try {
            Collection collection = current;
            RdbPiece piece = collection == null ? full.poll() : collection.pieces.poll();
            if (piece != null) {
                append(piece);
            }
            return piece != null;
        } finally {
            writing.unlock();
        }
    }

    private void append(RdbPiece piece) throws IOException {
        RdbFileWriter to = file;
        switch (piece) {
            case RdbKeys keys -> {
                waits(-keys.heldBytes());
                try (keys) {
                    if (to != null) {
                        to.append(keys.complete(), keys.version());
                    }
                }
            }
            case RdbSpill.Part part -> {
                if (to != null) {
                    spill.copy(part, to);
                }
            }
        }
    }

    private void addSpilled() throws IOException {
        for (RdbPiece piece = spilled.poll(); piece != null; piece = spilled.poll()) {
            append(piece);
        }
        spill.close();
    }

    /// Frees what was not written, if anything.
    private void drop() throws IOException {
        full.forEach(RdbKeys::close);
        full.clear();
        spilled.forEach(RdbPiece::close);
        spilled.clear();
        collections.forEach(Collection::drop);
        collections.clear();
        current = null;
        spill.close();
    }

    // ---- large collections ----------------------------------------------------------------------------------------

    @Override
    public Snapshot.Pieces inPieces(int shard, int db, Entry entry, long count) {
        Collection collection = new Collection(db, entry, count);
        collections.add(collection);
        return collection;
    }

    /// A large collection on its way. Locks: its shard's.
    private final class Collection implements Snapshot.Pieces {
        /// A listpack within a list: the form that is an element by itself is never needed.
        private static final int PACKED_NODE = 2;

        private final Queue<RdbPiece> pieces = new ConcurrentLinkedQueue<>();
        private final StreamParts streamParts = RdbStream.partsInto(this::outputOfPart);
        private final boolean timed;
        private final long earliestMs;
        private @Nullable RdbKeys piece;

        /// What has been counted of the piece.
        private long countedBytes;

        private volatile boolean ended;

        Collection(int db, Entry entry, long count) {
            timed = entry.type() == Type.HASH && HashValue.nextDeadlineMs(entry) != Tx.NO_DEADLINE;
            earliestMs = timed ? HashValue.nextDeadlineMs(entry) : 0;
            RdbKeys first = new RdbKeys(format, tables);
            piece = first;
            RdbOutput output = first.begin(db, entry);
            output.type(
                    switch (entry.type()) {
                        case LIST -> RdbType.LIST_QUICKLIST_2;
                        case SET -> RdbType.SET;
                        case SORTED_SET -> RdbType.SORTED_SET;
                        case HASH -> timed ? RdbType.HASH_TIMED : RdbType.HASH;
                        case STREAM -> RdbType.STREAM_2;
                        case STRING -> throw new IllegalStateException("not divided: type=" + entry.type());
                    });
            if (timed) {
                output.fixedLong(earliestMs);
            }
            output.length(count);
            added();
        }

        @Override
        public void turn() {
            current = this;
        }

        private RdbOutput output() {
            RdbKeys open = piece;
            if (open == null) {
                open = new RdbKeys(format, tables);
                piece = open;
            }
            return open.output();
        }

        @Override
        public void member(Bytes member) {
            output().string(member);
            added();
        }

        @Override
        public void member(Bytes member, double score) {
            RdbOutput output = output();
            output.string(member);
            output.binaryDouble(score);
            added();
        }

        @Override
        public void field(Bytes field, Bytes value, long deadlineMs) {
            RdbOutput output = output();
            if (timed) {
                output.length(RdbPairs.relativeDeadline(deadlineMs, earliestMs));
            }
            output.string(field);
            output.string(value);
            added();
        }

        @Override
        public void listpack(Bytes listpack) {
            write(listpack, output());
            added();
        }

        private static void write(Bytes listpack, RdbOutput output) {
            output.length(PACKED_NODE);
            output.string(listpack);
        }

        @Override
        public void node(StreamId first, Bytes listpack) {
            RdbStream.writeNode(first, listpack, output());
            added();
        }

        @Override
        public StreamParts stream() {
            return streamParts;
        }

        /// The parts before this one are whole, so that a piece may end here.
        private RdbOutput outputOfPart() {
            added();
            return output();
        }

        /// Of pieces whose turn has not come there may be thousands: if too much waits, they go, however small.
        private void added() {
            RdbKeys open = piece;
            if (open != null) {
                waits(open.heldBytes() - countedBytes);
                countedBytes = open.heldBytes();
                if (countedBytes >= PIECE_BYTES || isTooMuch() && current != this) {
                    complete();
                }
            }
        }

        private void complete() {
            RdbKeys done = piece;
            if (done == null) {
                return;
            }
            piece = null;
            waits(done.heldBytes() - countedBytes);
            countedBytes = 0;
            keysDone.addAndGet(done.count());
            if (isLost()) {
                waits(-done.heldBytes());
                done.close();
                return;
            }
            pieces.add(current == this ? done : spilledIfTooMuch(done));
            if (isTooMuch()) {
                relieve();
            }
        }

        private RdbPiece spilledIfTooMuch(RdbKeys done) {
            return isTooMuch() ? spill(done) : done;
        }

        // ---- before its turn

        @Override
        public Snapshot.Kept keepListpack(Bytes listpack) {
            RdbKeys own = new RdbKeys(format, tables);
            write(listpack, own.output());
            return keep(own);
        }

        @Override
        public Snapshot.Kept keepNode(StreamId first, Bytes listpack) {
            RdbKeys own = new RdbKeys(format, tables);
            RdbStream.writeNode(first, listpack, own.output());
            return keep(own);
        }

        private Snapshot.Kept keep(RdbKeys own) {
            waits(own.heldBytes());
            return spilledIfTooMuch(own);
        }

        @Override
        public void kept(Snapshot.Kept kept) {
            complete();
            if (isLost()) {
                kept.close();
            } else {
                pieces.add((RdbPiece) kept);
            }
        }

        @Override
        public void end() {
            complete();
            ended = true;
        }

        void drop() {
            pieces.forEach(RdbPiece::close);
            pieces.clear();
            if (piece != null) {
                piece.close();
            }
        }
    }
}
