package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.MappedFile;
import io.nuthatch.store.Entry;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads an RDB file into a keyspace: one thread goes through the file, others take batches of its keys, read their
/// values, store them, and compute the checksum of their part of the file.
///
/// ```
///   file (mapped) -> RdbFileReader -> batches of keys -> workers -> keyspace
///                                                           \-> checksum of each batch, joined at the end
/// ```
///
/// A fault is found before or after keys have been stored: whoever loads throws them away then.
///
/// Thread: one that may wait.
final class RdbLoader {
    private static final Logger LOG = LoggerFactory.getLogger(RdbLoader.class);

    /// More workers would wait for memory and for each other.
    private static final int MOST_WORKERS = 8;

    /// A key and its value take no less in a file: a type, two lengths, and a byte so that the keys differ.
    private static final int LEAST_KEY_BYTES = 4;

    /// Keys that are looked at before the first of them is stored.
    private static final int AHEAD = 32;

    private final Keyspace keyspace;
    private final List<Tx> transactions = new ArrayList<>();

    RdbLoader(Keyspace keyspace) {
        this.keyspace = keyspace;
        int workers = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_WORKERS);
        for (int i = 0; i < workers; i++) {
            transactions.add(keyspace.newTx(new SplittableRandom()));
        }
    }

    /// What becomes of keys that are expired, or there already.
    ///
    /// @param nowMs keys whose time has come by then are left out
    /// @param keepsExpired none are left out: a log that follows may still speak of them
    /// @param mayReplace a key of the file may take the place of one that is there
    /// @param checked whether the checksum is compared: `rdbchecksum`
    record Options(long nowMs, boolean keepsExpired, boolean mayReplace, boolean checked) {}

    /// @param loaded keys
    /// @param expired keys that were left out, their time having come
    /// @param empty keys that were left out, being collections without elements
    /// @param bytes how long the RDB part of the file is: in the old form of a log, commands follow it
    record Outcome(long loaded, long expired, long empty, long bytes) {}

    /// Loads a file.
    ///
    /// @param progress is told now and then how many bytes have been read
    /// @throws IOException if the file cannot be read, or is not what it should be
    Outcome load(Path path, Options options, LongConsumer progress) throws IOException {
        checkReadable(path);
        try (MappedFile file = MappedFile.open(path)) {
            RdbInput input = new RdbInput(file.address(), file.bytes());
            return new Load(path, input, options, progress).run();
        } catch (InternalError cut) {
            throw new IOException(path + " became shorter while it was read", cut);
        }
    }

    static void checkReadable(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw RdbFileException.of(
                    path, "is a directory", "move it away, or name another file with 'dir' and 'dbfilename'");
        }
        if (!Files.isRegularFile(path)) {
            throw RdbFileException.of(
                    path,
                    "is no file that could be read",
                    "move it away, or name another file with 'dir' and 'dbfilename'");
        }
        if (!Files.isReadable(path)) {
            throw RdbFileException.of(
                    path,
                    "may not be read by this user" + owner(path),
                    "give it to the user that runs the server, or start the server as its owner");
        }
        if (Files.size(path) == 0) {
            throw RdbFileException.of(
                    path, "is empty", "restore it from a copy, or move it away to start without data");
        }
    }

    private static String owner(Path path) {
        try {
            return ", but by " + Files.getOwner(path);
        } catch (AccessDeniedException hidden) {
            return "";
        } catch (IOException | UnsupportedOperationException unknown) {
            LOG.debug("cannot tell whose file it is: file={}", path, unknown);
            return "";
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// A file being loaded.
    private final class Load implements RdbFileReader.Visitor {
        private final Path path;
        private final RdbFileReader reader;
        private final RdbInput input;
        private final Options options;
        private final LongConsumer progress;
        private final BlockingQueue<RdbBatch> queue = new ArrayBlockingQueue<>(4 * MOST_WORKERS);
        private final List<RdbBatch.Sum> sums = new ArrayList<>();
        private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
        private final LongAdder loaded = new LongAdder();
        private final LongAdder expired = new LongAdder();
        private final LongAdder empty = new LongAdder();
        private RdbBatch batch = new RdbBatch(0);

        Load(Path path, RdbInput input, Options options, LongConsumer progress) {
            this.path = path;
            this.reader = new RdbFileReader(path, input.from(0));
            this.input = input;
            this.options = options;
            this.progress = progress;
        }

        Outcome run() throws IOException {
            List<Thread> workers = new ArrayList<>();
            for (Tx tx : transactions) {
                Thread worker = new Thread(() -> work(tx), "nuthatch-load-" + workers.size());
                worker.setDaemon(true);
                worker.start();
                workers.add(worker);
            }
            RdbFileException unreadable = null;
            try {
                reader.read(this);
                hand(reader.offset() - (reader.version() >= RdbFile.CHECKED_VERSION ? Long.BYTES : 0));
            } catch (RdbFileException damaged) {
                unreadable = damaged;
            } finally {
                workers.forEach(worker -> enqueue(RdbBatch.LAST));
                workers.forEach(RdbLoader::join);
            }
            raise();
            if (unreadable != null) {
                throw unreadable;
            }
            compareChecksums();
            progress.accept(reader.offset());
            return new Outcome(loaded.sum(), expired.sum(), empty.sum(), reader.offset());
        }

        // ---- what the reader finds

        @Override
        public void aux(String name, String value) {
            switch (name) {
                case "redis-ver" -> LOG.info("loading a file that was written by version {}", value);
                case "lua" ->
                    LOG.warn("the file has a script, which is left out: scripts are not kept in files any more");
                default -> LOG.debug("the file says: {}={}", name, value);
            }
        }

        @Override
        public void sizes(int db, long keys, long keysWithDeadline) {
            // Those with a deadline may have expired, and a file may say anything, numbers of 64 bits among it.
            if (db < keyspace.databases() && keysWithDeadline >= 0 && keysWithDeadline < keys) {
                keyspace.expect(db, Math.min(keys - keysWithDeadline, input.remaining() / LEAST_KEY_BYTES));
            }
        }

        @Override
        public void function(Bytes code) {
            String firstLine = code.toString().lines().findFirst().orElse("");
            LOG.warn("the file has a library of functions, which is left out: library={}", firstLine);
        }

        @Override
        public void key(int db, long offset, long deadlineMs, long idleSeconds, long frequency)
                throws RdbFileException {
            if (db >= keyspace.databases()) {
                throw RdbFileException.of(
                        path,
                        "has a database of number " + db + ", and there are " + keyspace.databases() + " here",
                        "start with a larger number of 'databases'");
            }
            batch.add(db, offset, deadlineMs, idleSeconds, frequency);
            if (batch.isFull(reader.offset())) {
                hand(reader.offset());
            }
            if (fault.get() != null) {
                throw reader.damaged("reading goes no further");
            }
        }

        /// Hands the batch over, which ends at an offset, and begins another.
        private void hand(long offset) {
            batch.to = offset;
            sums.add(batch.sum);
            enqueue(batch);
            batch = new RdbBatch(offset);
            progress.accept(offset);
        }

        private void enqueue(RdbBatch full) {
            try {
                queue.put(full);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while loading: file=" + path, interrupted);
            }
        }

        // ---- what the workers do

        private void work(Tx tx) {
            try {
                for (RdbBatch next = queue.take(); next != RdbBatch.LAST; next = queue.take()) {
                    if (fault.get() == null) {
                        store(tx, next);
                    }
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                fault.compareAndSet(null, interrupted);
            }
        }

        private void store(Tx tx, RdbBatch part) {
            try {
                RdbInput at = input.fork();
                for (int from = 0; from < part.count(); from += AHEAD) {
                    int to = Math.min(part.count(), from + AHEAD);
                    touch(at, part, from, to);
                    for (int i = from; i < to; i++) {
                        store(tx, at, part, i);
                    }
                }
                if (options.checked()) {
                    part.sum.bytes = part.to - part.from;
                    part.sum.checksum = input.checksum(part.from, part.to);
                }
            } catch (Throwable failed) {
                fault.compareAndSet(null, failed);
            }
        }

        /// Brings the places of keys in the index near: the cache misses of many overlap.
        private void touch(RdbInput at, RdbBatch part, int from, int to) {
            Bytes key = new Bytes();
            long words = 0;
            for (int i = from; i < to; i++) {
                if (at.seek(part.offset(i)).plainKey(key)) {
                    words += keyspace.touchIndex(part.database(i), keyspace.hash(key));
                }
            }
            part.touched = words;
        }

        private void store(Tx tx, RdbInput at, RdbBatch part, int index) throws IOException {
            long deadlineMs = part.deadlineMs(index);
            if (deadlineMs != RdbFileReader.NO_DEADLINE && deadlineMs <= options.nowMs() && !options.keepsExpired()) {
                expired.increment();
                return;
            }
            RdbType type = at.seek(part.offset(index)).type();
            try (RdbString key = at.string();
                    RdbValue value = RdbValue.read(type, at)) {
                store(tx, part, index, key.bytes(), value);
                loaded.increment();
            } catch (RdbCorruption corruption) {
                if (!corruption.isEmpty()) {
                    throw reader.damaged(corruption, part.offset(index));
                }
                empty.increment();
            }
        }

        private void store(Tx tx, RdbBatch part, int index, Bytes key, RdbValue value) {
            long hash = keyspace.hash(key);
            tx.begin(part.database(index), options.nowMs(), false);
            tx.know(key, hash);
            tx.lock(1L << Keyspace.shardOf(hash));
            try {
                long before = tx.sizeAround(key);
                value.store(tx, key, part.deadlineMs(index));
                if (!options.mayReplace() && tx.sizeAround(key) == before && tx.find(key) != null) {
                    throw new RdbCorruption("a key for the second time: key=" + key + ", db=" + tx.db());
                }
                markUse(tx, key, part.idleSeconds(index), part.frequency(index));
            } finally {
                tx.end();
            }
        }

        private static void markUse(Tx tx, Bytes key, long idleSeconds, long frequency) {
            // A hash of which all fields have expired is not there.
            Entry entry = tx.find(key);
            if (entry != null && frequency != RdbFileReader.NOT_SAID) {
                entry.frequency((int) frequency);
            } else if (entry != null && idleSeconds != RdbFileReader.NOT_SAID) {
                entry.idleSeconds(idleSeconds);
            }
        }

        // ---- the end

        private void raise() throws IOException {
            switch (fault.get()) {
                case null -> {
                    // All is well.
                }
                case IOException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                case Throwable failed -> throw new IllegalStateException("loading failed: file=" + path, failed);
            }
        }

        private void compareChecksums() throws RdbFileException {
            if (!options.checked() || reader.checksum() == RdbFileReader.UNCHECKED) {
                return;
            }
            long checksum = 0;
            for (RdbBatch.Sum sum : sums) {
                checksum = Crc64.joined(checksum, sum.checksum, sum.bytes);
            }
            reader.compare(checksum);
        }
    }
}
