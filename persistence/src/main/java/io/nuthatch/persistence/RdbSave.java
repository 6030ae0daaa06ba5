package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.MappedFile;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Snapshot;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.io.IOException;
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
///   walk, and commands ──► a piece for each shard ──► pieces that are full ──► file
///                     └──► a large collection      ──► its pieces           ──┘
///                                                        (too many) ──► spill ┘ at the end
/// ```
/// Pieces that wait for the disk are all the memory that a save takes, and there is a bound to them ([#mostBytes]):
/// whoever adds more writes some of them itself. In the middle of a large collection, whose pieces must stand together
/// in the file, they go to a second file, which is added to the first at the end.
///
/// Threads: [#run] is called by one that may wait. What the snapshot hands out comes from any thread, under the
/// lock of a shard.
final class RdbSave implements Snapshot.Receiver {
    /// Pieces of about this size are handed to the disk.
    private static final int PIECE_BYTES = 64 * 1024;

    /// Of the data, so much may wait for the disk: a thirty-second, or this if that is more.
    private static final long LEAST_BOUND_BYTES = 16 << 20;

    private static final int BOUND_SHIFT = 5;

    private final Disk disk;
    private final Keyspace keyspace;
    private final RdbFormat format;
    private final Path target;
    private final Path temporary;
    private final Path spillPath;
    private final long mostBytes;

    /// A piece under way for each shard. Locks: the shard's.
    private final AtomicReferenceArray<@Nullable RdbKeys> open = new AtomicReferenceArray<>(Keyspace.SHARDS);

    private final Queue<RdbKeys> full = new ConcurrentLinkedQueue<>();
    private final Queue<Collection> collections = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    private final AtomicLong keysDone = new AtomicLong();

    /// The collection whose pieces are being written.
    private volatile @Nullable Collection current;

    private volatile boolean cancelled;
    private volatile long peakBytes;
    private volatile long keysTotal;

    /// Held by whoever writes to a file. After the lock of a shard, never before it.
    private final ReentrantLock writing = new ReentrantLock();

    private @Nullable RdbFileWriter file;
    private Disk.@Nullable File spill;
    private int spillVersion;

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
        this.spillPath = temporary.resolveSibling(temporary.getFileName() + ".spill");
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
            try (Snapshot snapshot = keyspace.cut(this, nowMs, atTheCut)) {
                writeSizes(snapshot, created);
                while (snapshot.advance()) {
                    drain();
                    check();
                }
            } finally {
                closeOpen();
            }
            drain();
            check();
            addSpill(created);
            created.finish();
        } finally {
            file = null;
            drop();
        }
    }

    /// Has [#run] end soon, with nothing to show for it.
    void cancel() {
        cancelled = true;
    }

    /// The most memory that has waited for the disk at a time.
    long peakBytes() {
        return peakBytes;
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
                waitingBytes.addAndGet(keys.heldBytes());
            }
        }
    }

    // ---- what the snapshot hands out ----------------------------------------------------------------------------

    @Override
    public void whole(int shard, int db, Entry entry) {
        if (fault.get() != null || cancelled) {
            return;
        }
        try {
            if (RdbKeys.isLong(entry)) {
                RdbKeys own = new RdbKeys(format);
                own.addLong(db, entry);
                enqueue(full, own);
            } else {
                RdbKeys keys = open.get(shard);
                if (keys == null) {
                    keys = new RdbKeys(format);
                    open.set(shard, keys);
                }
                keys.add(db, entry);
                if (keys.heldBytes() >= PIECE_BYTES) {
                    open.set(shard, null);
                    enqueue(full, keys);
                }
            }
        } catch (RuntimeException | Error failed) {
            fault.compareAndSet(null, failed);
        }
    }

    private void enqueue(Queue<RdbKeys> queue, RdbKeys piece) {
        queue.add(piece);
        keysDone.addAndGet(piece.count());
        long waiting = waitingBytes.addAndGet(piece.heldBytes());
        if (waiting > peakBytes) {
            peakBytes = waiting;
        }
        if (waiting > mostBytes) {
            relieve();
        }
    }

    /// More waits than may: this thread writes a piece, for it is faster than the disk.
    private void relieve() {
        writing.lock();
        try {
            RdbKeys piece = full.poll();
            if (piece != null) {
                if (current == null) {
                    append(piece);
                } else {
                    spill(piece);
                }
            }
        } catch (IOException | RuntimeException | Error failed) {
            fault.compareAndSet(null, failed);
        } finally {
            writing.unlock();
        }
    }

    // ---- writing ------------------------------------------------------------------------------------------------

    /// Writes what waits.
    private void drain() throws IOException {
        writing.lock();
        try {
            Collection collection = current;
            if (collection != null) {
                boolean ended = collection.ended;
                for (RdbKeys piece = collection.pieces.poll(); piece != null; piece = collection.pieces.poll()) {
                    append(piece);
                }
                if (!ended) {
                    return;
                }
                collections.remove(collection);
                current = null;
            }
            for (RdbKeys piece = full.poll(); piece != null; piece = full.poll()) {
                append(piece);
            }
        } finally {
            writing.unlock();
        }
    }

    private void append(RdbKeys piece) throws IOException {
        waitingBytes.addAndGet(-piece.heldBytes());
        try (piece) {
            RdbFileWriter to = file;
            if (to != null) {
                to.append(piece.complete(), piece.version());
            }
        }
    }

    private void spill(RdbKeys piece) throws IOException {
        waitingBytes.addAndGet(-piece.heldBytes());
        try (piece) {
            Disk.File to = spill;
            if (to == null) {
                to = disk.create(spillPath);
                spill = to;
            }
            to.append(piece.complete());
            spillVersion = Math.max(spillVersion, piece.version());
        }
    }

    private void addSpill(RdbFileWriter to) throws IOException {
        Disk.File from = spill;
        if (from != null) {
            from.close();
            spill = null;
            try (MappedFile content = MappedFile.open(spillPath)) {
                Bytes part = new Bytes();
                for (long at = 0; at < content.bytes(); at += PIECE_BYTES) {
                    int bytes = (int) Math.min(PIECE_BYTES, content.bytes() - at);
                    to.append(part.set(content.address() + at, bytes), spillVersion);
                }
            }
            disk.delete(spillPath);
        }
    }

    /// Frees what was not written, if anything.
    private void drop() throws IOException {
        full.forEach(RdbKeys::close);
        full.clear();
        collections.forEach(Collection::drop);
        collections.clear();
        current = null;
        Disk.File from = spill;
        if (from != null) {
            spill = null;
            try {
                from.close();
            } finally {
                disk.delete(spillPath);
            }
        }
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

        private final Queue<RdbKeys> pieces = new ConcurrentLinkedQueue<>();
        private final boolean timed;
        private final long earliestMs;
        private RdbKeys piece = new RdbKeys(format);
        private RdbOutput output;
        private volatile boolean ended;

        Collection(int db, Entry entry, long count) {
            timed = entry.type() == Type.HASH && HashValue.nextDeadlineMs(entry) != Tx.NO_DEADLINE;
            earliestMs = timed ? HashValue.nextDeadlineMs(entry) : 0;
            output = piece.begin(db, entry);
            output.type(
                    switch (entry.type()) {
                        case LIST -> RdbType.LIST_QUICKLIST_2;
                        case SET -> RdbType.SET;
                        case SORTED_SET -> RdbType.SORTED_SET;
                        case HASH -> timed ? RdbType.HASH_TIMED : RdbType.HASH;
                        case STRING, STREAM -> throw new IllegalStateException("not divided: type=" + entry.type());
                    });
            if (timed) {
                output.fixedLong(earliestMs);
            }
            output.length(count);
        }

        @Override
        public void turn() {
            current = this;
        }

        @Override
        public void member(Bytes member) {
            output.string(member);
            added();
        }

        @Override
        public void member(Bytes member, double score) {
            output.string(member);
            output.binaryDouble(score);
            added();
        }

        @Override
        public void field(Bytes field, Bytes value, long deadlineMs) {
            if (timed) {
                output.length(RdbPairs.relativeDeadline(deadlineMs, earliestMs));
            }
            output.string(field);
            output.string(value);
            added();
        }

        @Override
        public void listpack(Bytes listpack) {
            output.length(PACKED_NODE);
            output.string(listpack);
            added();
        }

        private void added() {
            if (piece.heldBytes() >= PIECE_BYTES) {
                RdbKeys done = piece;
                piece = new RdbKeys(format);
                output = piece.output();
                if (fault.get() != null || cancelled) {
                    done.close();
                } else {
                    enqueue(pieces, done);
                }
            }
        }

        @Override
        public void end() {
            enqueue(pieces, piece);
            ended = true;
        }

        void drop() {
            pieces.forEach(RdbKeys::close);
            pieces.clear();
            if (!ended) {
                piece.close();
            }
        }
    }
}
