package io.nuthatch.persistence;

import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Pause;
import io.nuthatch.engine.Persistence;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that holds the data while the server does not: when it is saved, and how it is loaded.
///
/// ```
///   SAVE, DEBUG RELOAD, SHUTDOWN    ──► save: on the caller's thread   ┐
///   BGSAVE, FLUSHALL, save points   ──► save: on a thread of its own   ┴► RdbSave ──► dir/dbfilename
/// ```
/// One save runs at a time. What fails is logged, shown by INFO and, if it was due by itself, refuses writes until
/// a save succeeds.
///
/// Threads: any. [#tick] is called by one that must not wait.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class Snapshots implements Persistence, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    private static final CommandError IN_PROGRESS = CommandError.of("ERR Background save already in progress");
    private static final CommandError NOT_IN_PROGRESS =
            CommandError.of("ERR Background saving is currently not in progress or scheduled");
    private static final CommandError FAILED = CommandError.of("ERR");
    private static final CommandError CANNOT_NOW = CommandError.of(
            "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in "
                    + "order to schedule a BGSAVE whenever possible.");
    private static final CommandError CANNOT_LOAD =
            CommandError.of("ERR Error trying to load the RDB dump, check server logs");
    private static final CommandError CANNOT_SHUT_DOWN = CommandError.of("ERR Errors trying to SHUTDOWN. Check logs.");

    /// After a save that failed, the next one that is due by itself waits so long.
    private static final long RETRY_MS = 5_000;

    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /// How often the last save is made again because a command came in between.
    private static final int LAST_SAVES = 3;

    private final Engine engine;
    private final Config config;
    private final Keyspace keyspace;
    private final Disk disk;
    private final RdbLoader loader;
    private final AtomicLong number = new AtomicLong();

    /// The save under way. Locks: this one's monitor, which nobody holds while saving.
    private @Nullable Running running;

    private boolean scheduled;

    private volatile long savedMs;
    private volatile long savedChanges;
    private volatile long saves;
    private volatile long triedMs;
    private volatile boolean failed;
    private volatile long lastSeconds = -1;
    private volatile long lastPeakBytes;
    private volatile long keysLoaded;
    private volatile long keysExpired;

    /// A save under way.
    private record Running(RdbSave save, long beganMs, boolean background) {}

    Snapshots(Engine engine, Disk disk) {
        this.engine = engine;
        this.config = engine.config();
        this.keyspace = engine.keyspace();
        this.disk = disk;
        this.loader = new RdbLoader(keyspace);
        this.savedMs = engine.clock().wallMs();
    }

    /// Of a server's data, on the system's disk.
    public static Snapshots of(Engine engine) {
        return new Snapshots(engine, Disk.REAL);
    }

    private Path file() {
        return config.dir.value().resolve(config.dbfilename.value());
    }

    // ---- saving -------------------------------------------------------------------------------------------------

    /// Saves and waits for it: SAVE. The caller holds no lock.
    void save() {
        Running save = begin(false);
        if (!run(save)) {
            throw FAILED;
        }
    }

    /// Saves on a thread of its own: BGSAVE.
    ///
    /// @param inTransaction shards are locked, so it begins when they no longer are
    /// @param maySchedule it may begin after what is under way
    /// @return what the client is told
    String saveInBackground(boolean inTransaction, boolean maySchedule) {
        if (isInBackground()) {
            throw IN_PROGRESS;
        }
        if (inTransaction || isRunning()) {
            if (!maySchedule && !inTransaction) {
                throw CANNOT_NOW;
            }
            schedule();
            return "Background saving scheduled";
        }
        start();
        return "Background saving started";
    }

    private void start() {
        Running save = begin(true);
        Thread thread = new Thread(() -> run(save), "nuthatch-save");
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void schedule() {
        scheduled = true;
    }

    private synchronized boolean isRunning() {
        return running != null;
    }

    private synchronized boolean isInBackground() {
        return running != null && running.background();
    }

    /// Gives up the save in the background, or the one that is scheduled: BGSAVE CANCEL.
    ///
    /// @return what the client is told
    synchronized String cancel() {
        if (running != null && running.background()) {
            LOG.info("save given up because a client wants it");
            running.save().cancel();
            return "Background saving cancelled";
        }
        if (scheduled) {
            scheduled = false;
            return "Scheduled background saving cancelled";
        }
        throw NOT_IN_PROGRESS;
    }

    private synchronized Running begin(boolean background) {
        if (running != null) {
            throw IN_PROGRESS;
        }
        Path file = file();
        Path temporary = Temporaries.ofSnapshot(file, number.incrementAndGet());
        RdbFormat format = new RdbFormat(
                config.rdbcompression.isOn(),
                config.rdbchecksum.isOn(),
                config.rdbSaveIncrementalFsync.isOn(),
                EvictionPolicy.named(config.maxmemoryPolicy.value()).orElseThrow(),
                RdbFormat.Purpose.SNAPSHOT);
        running = new Running(
                new RdbSave(disk, keyspace, format, file, temporary),
                engine.clock().wallMs(),
                background);
        return running;
    }

    /// Saves, whatever comes of it.
    ///
    /// @return whether it has worked
    @SuppressWarnings("NonAtomicVolatileUpdate") // one save at a time
    private boolean run(Running save) {
        triedMs = save.beganMs();
        long[] changesAtCut = {0};
        boolean done = false;
        try {
            save.save().run(save.beganMs(), () -> changesAtCut[0] = keyspace.changes());
            savedChanges = changesAtCut[0];
            savedMs = engine.clock().wallMs();
            failed = false;
            saves++;
            done = true;
            LOG.info(
                    "saved: file={}, keys={}, ms={}, most bytes waiting={}, longest hold of a lock us={}",
                    file(),
                    save.save().keysTotal(),
                    savedMs - save.beganMs(),
                    save.save().peakBytes(),
                    save.save().longestHoldNanos() / 1000);
        } catch (CancellationException cancelled) {
            LOG.info("save given up: file={}", file());
        } catch (IOException | RuntimeException | Error fault) {
            failed = true;
            LOG.error("cannot save: file={}", file(), fault);
        } finally {
            end(save);
        }
        return done;
    }

    private synchronized void end(Running save) {
        if (save.background()) {
            lastSeconds = (engine.clock().wallMs() - save.beganMs()) / 1000;
        }
        lastPeakBytes = save.save().peakBytes();
        running = null;
        notifyAll();
    }

    /// When the last save succeeded, in seconds since 1970: LASTSAVE.
    long savedSeconds() {
        return savedMs / 1000;
    }

    // ---- for the append-only file ---------------------------------------------------------------------------------

    /// Writes what a log begins with, one at a time with the saves.
    BaseWriter base() {
        return new Preamble();
    }

    private final class Preamble implements BaseWriter {
        private volatile boolean cancelled;
        private volatile boolean waits;

        @Override
        public boolean isBusy() {
            return isRunning();
        }

        @Override
        public boolean waits() {
            return waits;
        }

        @Override
        public void write(Path target, Path temporary, Runnable atTheCut) throws IOException {
            RdbFormat format = new RdbFormat(
                    config.rdbcompression.isOn(),
                    config.rdbchecksum.isOn(),
                    config.aofRewriteIncrementalFsync.isOn(),
                    EvictionPolicy.named(config.maxmemoryPolicy.value()).orElseThrow(),
                    RdbFormat.Purpose.BASE_OF_LOG);
            RdbSave save = new RdbSave(disk, keyspace, format, target, temporary);
            Running own = take(save);
            try {
                save.run(own.beganMs(), atTheCut);
            } catch (CancellationException ended) {
                throw new IOException("given up", ended);
            } finally {
                end(own);
            }
        }

        /// Waits until no save is under way.
        private Running take(RdbSave save) throws IOException {
            synchronized (Snapshots.this) {
                waits = running != null;
                while (running != null && !cancelled) {
                    try {
                        Snapshots.this.wait();
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted", interrupted);
                    }
                }
                waits = false;
                if (cancelled) {
                    throw new IOException("given up");
                }
                running = new Running(save, engine.clock().wallMs(), false);
                return running;
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            cancelAndAwait(false);
            synchronized (Snapshots.this) {
                Snapshots.this.notifyAll();
            }
        }
    }

    // ---- what happens by itself -----------------------------------------------------------------------------------

    @Override
    public void tick() {
        if (isRunning() || engine.loading().isOn()) {
            return;
        }
        if (takeScheduled() || isDue()) {
            try {
                start();
            } catch (CommandError alreadyRunning) {
                schedule();
            }
        }
    }

    private synchronized boolean takeScheduled() {
        boolean was = scheduled;
        scheduled = false;
        return was;
    }

    private boolean isDue() {
        long nowMs = engine.clock().wallMs();
        if (failed && nowMs - triedMs <= RETRY_MS) {
            return false;
        }
        long changes = changes();
        List<String> points = config.save.value();
        for (int i = 0; changes > 0 && i < points.size(); i += 2) {
            long seconds = Long.parseLong(points.get(i));
            if (changes >= Long.parseLong(points.get(i + 1)) && (nowMs - savedMs) / 1000 > seconds) {
                LOG.info("saving: changes={}, seconds={}", changes, seconds);
                return true;
            }
        }
        return false;
    }

    private long changes() {
        return keyspace.changes() - savedChanges;
    }

    private boolean savesByItself() {
        return !config.save.value().isEmpty();
    }

    @Override
    public @Nullable CommandError refusal() {
        return failed && config.stopWritesOnBgsaveError.isOn() && savesByItself() ? CommandError.SAVE_FAILED : null;
    }

    @Override
    public void flushed(boolean inTransaction) {
        cancelAndAwait(!inTransaction);
        if (savesByItself()) {
            if (inTransaction) {
                schedule();
            } else {
                trySave();
            }
        }
    }

    /// The client's command is done, whether or not this is: the log and INFO say so if not.
    private void trySave() {
        Running save;
        try {
            save = begin(false);
        } catch (CommandError another) {
            schedule();
            return;
        }
        run(save);
    }

    private synchronized void cancelAndAwait(boolean awaits) {
        scheduled = false;
        if (running != null) {
            running.save().cancel();
        }
        if (awaits) {
            await();
        }
    }

    /// Waits for the end of the save under way, if there is one.
    private synchronized void await() {
        while (running != null) {
            try {
                wait();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void saveAtEnd(AtEnd what) {
        cancelAndAwait(true);
        boolean saves = switch (what) {
            case SAVE -> true;
            case NO_SAVE -> false;
            case IF_CONFIGURED -> savesByItself();
        };
        if (!saves || engine.loading().isOn()) {
            return;
        }
        engine.pause().begin(engine.clock().wallMs(), Long.MAX_VALUE, Pause.Extent.WRITES);
        for (int i = 0; i < LAST_SAVES; i++) {
            if (!run(begin(false))) {
                engine.pause().end();
                engine.pause().resume();
                throw CANNOT_SHUT_DOWN;
            }
            // A command may have come past the pause just before it began.
            if (changes() == 0) {
                return;
            }
        }
    }

    @Override
    public void close() {
        cancelAndAwait(true);
    }

    // ---- at the start ------------------------------------------------------------------------------------------

    /// Removes files that saves and rewrites of killed processes have left.
    public void removeStaleFiles() {
        Temporaries.removeStale(config.dir.value());
        Temporaries.removeStale(config.dir.value().resolve(config.appenddirname.value()));
    }

    // ---- loading ------------------------------------------------------------------------------------------------

    /// Loads the file, if there is one. Clients are turned away meanwhile.
    ///
    /// @throws IOException with one sentence, if it cannot be loaded
    public void loadAtStart() throws IOException {
        Path file = file();
        if (!Files.exists(file)) {
            LOG.info("there is no snapshot to load: file={}", file);
            return;
        }
        engine.loading().begin(Files.size(file));
        try {
            load(file, false);
        } finally {
            engine.loading().end();
        }
    }

    private void load(Path file, boolean merges) throws IOException {
        long began = engine.clock().nanos();
        RdbLoader.Options options =
                new RdbLoader.Options(engine.clock().wallMs(), false, merges, config.rdbchecksum.isOn());
        RdbLoader.Outcome outcome = loader.load(file, options, progress(began));
        keysLoaded = outcome.loaded();
        keysExpired = outcome.expired();
        double seconds = (engine.clock().nanos() - began) / 1e9;
        LOG.info(
                "loaded: file={}, keys={}, expired={}, empty={}, seconds={}",
                file,
                outcome.loaded(),
                outcome.expired(),
                outcome.empty(),
                String.format(Locale.ROOT, "%.3f", seconds));
    }

    private LongConsumer progress(long began) {
        long[] logged = {began};
        return bytes -> {
            engine.loading().reached(bytes);
            long now = engine.clock().nanos();
            if (now - logged[0] >= PROGRESS_NANOS) {
                logged[0] = now;
                LOG.info(
                        "loading: bytes={}, of={}, seconds left={}",
                        bytes,
                        engine.loading().totalBytes(),
                        engine.loading().leftSeconds());
            }
        };
    }

    @Override
    public void reload(Reload how) {
        if (how.saves()) {
            await();
            save();
        }
        long nowMs = engine.clock().wallMs();
        engine.pause().begin(nowMs, Long.MAX_VALUE, Pause.Extent.ALL);
        // What is in memory meanwhile is not all of the data: nothing is saved by itself.
        engine.loading().begin(0);
        try {
            if (how.flushes()) {
                Tx tx = keyspace.newTx(new SplittableRandom());
                tx.begin(0, nowMs, false).flushAll();
                tx.end();
            }
            load(file(), how.merges());
            savedChanges = keyspace.changes();
        } catch (IOException fault) {
            LOG.error("cannot reload", fault);
            throw CANNOT_LOAD;
        } finally {
            engine.loading().end();
            engine.pause().end();
            engine.pause().resume();
        }
    }

    // ---- what it tells --------------------------------------------------------------------------------------------

    @Override
    public synchronized Map<String, Object> figures() {
        Running now = running;
        boolean background = now != null && now.background();
        long peak = now == null ? 0 : now.save().peakBytes();
        long nowMs = engine.clock().wallMs();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("current_cow_peak", peak);
        fields.put("current_cow_size", peak);
        fields.put("current_cow_size_age", 0);
        fields.put("current_fork_perc", String.format(Locale.ROOT, "%.2f", percent(now)));
        fields.put("current_save_keys_processed", now == null ? 0 : now.save().keysDone());
        fields.put("current_save_keys_total", now == null ? 0 : now.save().keysTotal());
        fields.put("rdb_changes_since_last_save", changes());
        fields.put("rdb_bgsave_in_progress", background ? 1 : 0);
        fields.put("rdb_last_save_time", savedSeconds());
        fields.put("rdb_last_bgsave_status", failed ? "err" : "ok");
        fields.put("rdb_last_bgsave_time_sec", lastSeconds);
        fields.put(
                "rdb_current_bgsave_time_sec", now != null && now.background() ? (nowMs - now.beganMs()) / 1000 : -1);
        fields.put("rdb_saves", saves);
        fields.put("rdb_last_cow_size", lastPeakBytes);
        fields.put("rdb_last_load_keys_expired", keysExpired);
        fields.put("rdb_last_load_keys_loaded", keysLoaded);
        return fields;
    }

    private static double percent(@Nullable Running now) {
        long total = now == null ? 0 : now.save().keysTotal();
        return now == null || total == 0
                ? 0
                : 100.0 * Math.min(total, now.save().keysDone()) / total;
    }
}
