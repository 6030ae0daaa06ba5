package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.store.BriefLock;
import io.nuthatch.store.EffectLog;
import io.nuthatch.store.Effects;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// All effects of all commands, in one order: the stream of bytes that replicas are sent and the append-only file is
/// made of.
///
/// ```
///   Tx (shards locked) --append--> | piece | piece | piece |      RESP commands, end to end; SELECT where the database
///                                     ^reader         ^end        changes; MULTI ... EXEC around what is one
/// ```
/// An offset counts the bytes since the journal began. Who appends holds the locks of the shards concerned, and the
/// journal's own for as long as it takes to copy the bytes: so the order is that of the store for every key, and a
/// moment with all shards locked has one offset that all effects before it lie below.
///
/// Why one lock and not a stripe for each shard: `docs/decisions/19-one-journal.md`.
///
/// Readers take the bytes where they are and let go of them piece by piece; a piece is used again when all have. While
/// nobody reads, the journal is closed and commands do not write down what they do.
///
/// Locks: its own. Threads: any append; each [Reader] has one.
public final class Journal implements EffectLog {
    /// Large enough that a reader has little to do for each, small enough to lie about.
    static final int PIECE_BYTES = 256 * 1024;

    /// Pieces that are kept for use.
    private static final int MOST_SPARE = 8;

    /// Commands that write wait while a reader is so far behind: a disk that cannot follow must not eat the memory.
    private static final long MOST_UNREAD_BYTES = 256L * 1024 * 1024;

    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int NO_DB = -1;
    private static final int HEAD_BYTES = 64;

    private final BriefLock lock = new BriefLock();
    private final long head = Memory.allocateForever(HEAD_BYTES);

    /// Changes while all shards are locked.
    private volatile boolean open;

    private volatile Reader[] readers = {};

    /// The oldest piece that a reader has not left, and the newest; no pieces while there are no readers.
    private @Nullable Piece first;

    private @Nullable Piece last;
    private @Nullable Piece spare;
    private int spares;
    private int db = NO_DB;

    /// When the next [Mark.Second] is due, in milliseconds since 1970.
    private long nextSecondMs;

    private long written;
    private volatile long nowMs;
    private volatile long end;
    private volatile boolean full;

    /// A piece of the stream.
    private static final class Piece {
        final long address = Memory.allocate(PIECE_BYTES);
        long from;
        volatile @Nullable Piece next;

        int used(long end) {
            return (int) Math.min(PIECE_BYTES, end - from);
        }
    }

    /// A place in the stream where a reader has something to do before it goes on.
    public sealed interface Mark {
        long offset();

        /// What follows was done in this second since 1970 or later.
        record Second(long offset, long second) implements Mark {}

        /// What follows was done after a moment that somebody has chosen.
        record Cut(long offset, Runnable then) implements Mark {}
    }

    // ---- appending ------------------------------------------------------------------------------------------

    @Override
    public boolean isOpen() {
        return open;
    }

    /// How many bytes there have been: where the next effect will stand.
    public long end() {
        return end;
    }

    /// Bytes that the slowest reader has yet to read.
    public long unreadBytes() {
        long slowest = end;
        for (Reader reader : readers) {
            slowest = Math.min(slowest, reader.position);
        }
        return end - slowest;
    }

    /// Tells the time, for what no transaction does: every few milliseconds.
    void tick(long wallMs) {
        nowMs = wallMs;
    }

    @Override
    public void append(Effects effects) {
        lock.lock();
        try {
            if (!open) {
                return; // The last reader has gone while the transaction was under way.
            }
            enter(effects.firstDb(), effects.nowMs());
            boolean several = effects.count() > 1;
            if (several) {
                put("*1\r\n$5\r\nMULTI\r\n");
            }
            put(effects.address(), effects.bytes());
            if (several) {
                put("*1\r\n$4\r\nEXEC\r\n");
            }
            db = effects.lastDb();
        } finally {
            publish();
        }
    }

    @Override
    public void deleted(int inDb, Bytes key) {
        lock.lock();
        try {
            if (!open) {
                return;
            }
            enter(inDb, nowMs);
            put("*2\r\n$3\r\nDEL\r\n");
            putWord(key.address(), key.length());
        } finally {
            publish();
        }
    }

    private void enter(int wantedDb, long atMs) {
        if (atMs >= nextSecondMs) {
            long second = atMs / 1000;
            nextSecondMs = (second + 1) * 1000;
            for (Reader reader : readers) {
                reader.marks.add(new Mark.Second(written, second));
            }
        }
        if (wantedDb != db) {
            db = wantedDb;
            put("*2\r\n$6\r\nSELECT\r\n");
            int digits = Numbers.write(wantedDb, head + HEAD_BYTES / 2);
            putWord(head + HEAD_BYTES / 2, digits);
        }
    }

    private void putWord(long address, int length) {
        Memory.putByte(head, '$');
        int digits = Numbers.write(length, head + 1);
        Memory.putShort(head + 1 + digits, '\r' | '\n' << 8);
        put(head, digits + 3L);
        put(address, length);
        put("\r\n");
    }

    private void put(String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            Memory.putByte(head + i, ascii.charAt(i));
        }
        put(head, ascii.length());
    }

    private void put(long address, long bytes) {
        long done = 0;
        while (done < bytes) {
            Piece piece = pieceWithRoom();
            int used = piece.used(written);
            long part = Math.min(bytes - done, PIECE_BYTES - used);
            Memory.copy(address + done, piece.address + used, part);
            written += part;
            done += part;
        }
    }

    private Piece pieceWithRoom() {
        Piece piece = last;
        if (piece != null && piece.used(written) < PIECE_BYTES) {
            return piece;
        }
        Piece fresh = spare == null ? new Piece() : takeSpare(spare);
        fresh.from = written;
        if (piece == null) {
            first = fresh;
        } else {
            piece.next = fresh;
            full |= unreadBytes() > MOST_UNREAD_BYTES;
        }
        last = fresh;
        return fresh;
    }

    private Piece takeSpare(Piece piece) {
        spare = piece.next;
        spares--;
        piece.next = null;
        return piece;
    }

    /// Shows the readers what has been written, and lets go of the lock.
    private void publish() {
        end = written;
        lock.unlock();
    }

    /// Waits while a reader is too far behind. No shard may be locked.
    void awaitRoom() {
        while (full) {
            LockSupport.parkNanos(WAIT_NANOS);
        }
    }

    // ---- reading --------------------------------------------------------------------------------------------

    /// Begins to read at the end. All shards are locked, or nobody is there yet, so that the reader misses nothing of
    /// what is done afterwards.
    public Reader read() {
        lock.lock();
        try {
            Reader reader = new Reader(written, pieceWithRoom());
            readers = Arrays.copyOf(readers, readers.length + 1);
            readers[readers.length - 1] = reader;
            open = true;
            db = NO_DB;
            nextSecondMs = 0;
            return reader;
        } finally {
            lock.unlock();
        }
    }

    /// Has a reader do something between what has been done and what will be done. All shards are locked. The database
    /// is named anew afterwards, so the rest can be read by itself.
    public void cut(Reader reader, Runnable then) {
        lock.lock();
        try {
            reader.marks.add(new Mark.Cut(written, then));
            db = NO_DB;
            nextSecondMs = 0;
        } finally {
            lock.unlock();
        }
    }

    /// One who reads the stream, from when it came on.
    ///
    /// Thread: its own, but for what says otherwise.
    public final class Reader implements AutoCloseable {
        private final Queue<Mark> marks = new ConcurrentLinkedQueue<>();
        private Piece piece;
        private volatile long position;

        private Reader(long position, Piece piece) {
            this.position = position;
            this.piece = piece;
        }

        /// The offset of the first byte that has not been read. Any thread may ask.
        public long position() {
            return position;
        }

        /// Moves a window to bytes that have not been read, as many as lie together and before the next mark.
        ///
        /// @return whether there are any
        public boolean next(Bytes window) {
            long until = end;
            Mark mark = marks.peek();
            if (mark != null) {
                until = Math.min(until, mark.offset());
            }
            if (until == position) {
                return false;
            }
            if (position == piece.from + PIECE_BYTES) {
                leave(piece);
            }
            long at = position - piece.from;
            window.set(piece.address + at, (int) (Math.min(until - piece.from, PIECE_BYTES) - at));
            return true;
        }

        private void leave(Piece done) {
            Piece following = done.next;
            if (following == null) {
                throw new IllegalStateException(
                        "the stream ends before its end: position=" + position + ", end=" + end);
            }
            lock.lock();
            piece = following;
            recycle();
            lock.unlock();
        }

        /// Goes on past bytes that [#next] has shown.
        @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes it.
        public void skip(int bytes) {
            position += bytes;
            if (full && unreadBytes() < MOST_UNREAD_BYTES / 2) {
                full = false;
            }
        }

        /// The mark that has been reached, if there is one; it is then passed.
        public @Nullable Mark mark() {
            Mark mark = marks.peek();
            return mark != null && mark.offset() == position ? marks.poll() : null;
        }

        /// Reads no more.
        @Override
        public void close() {
            lock.lock();
            try {
                readers =
                        Arrays.stream(readers).filter(reader -> reader != this).toArray(Reader[]::new);
                open = readers.length > 0;
                full = false;
                recycle();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Takes back the pieces that all readers have left.
    private void recycle() {
        long oldest = Long.MAX_VALUE;
        for (Reader reader : readers) {
            oldest = Math.min(oldest, reader.piece.from);
        }
        Piece piece = first;
        while (piece != null && piece.from < oldest) {
            Piece following = piece.next;
            keep(piece);
            piece = following;
        }
        first = piece;
        if (piece == null) {
            last = null;
            freeSpares();
        }
    }

    private void keep(Piece piece) {
        if (spares < MOST_SPARE) {
            piece.next = spare;
            spare = piece;
            spares++;
        } else {
            Memory.free(piece.address, PIECE_BYTES);
        }
    }

    private void freeSpares() {
        while (spare != null) {
            Memory.free(takeSpare(spare).address, PIECE_BYTES);
        }
    }
}
