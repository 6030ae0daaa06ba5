package io.nuthatch.persistence;

import io.nuthatch.engine.Aof;
import io.nuthatch.engine.AofFigures;
import io.nuthatch.engine.Config;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Pause;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The append-only file: loaded at the start, then written by an [AppendLog], and rewritten when it has grown.
///
/// ## A rewrite
/// ```
///   1  make increment n+1, name it in the manifest           base k   incr ... n   (n+1)
///   2  the cut: the journal has a mark there                           ... n | n+1
///   3  write base k+1, as the data was at the cut
///   4  name it in the manifest, the older files as history   base k+1         n+1
///   5  delete the history
/// ```
/// The manifest is replaced in one step each time, so a crash at any point leaves files that have everything: before 4
/// the old base and all increments, after it the new base and those since the cut. What is left over of an attempt is
/// not in the manifest, and written over by the next.
///
/// When the log is turned on while the server runs, it begins with a rewrite, and the manifest names the files when the
/// base is whole.
///
/// Locks: its monitor, never while a shard is locked but at a cut, which takes none.
public final class AppendOnlyFile implements Aof, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppendOnlyFile.class);

    /// After failures the next rewrite by itself waits twice as long each time, from a minute to an hour: as in Redis.
    private static final long FIRST_DELAY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long MOST_DELAY_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int FREE_FAILURES = 3;

    /// How often a log that could not be turned on is tried again.
    private static final long TURN_ON_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Engine engine;
    private final Config config;
    private final Disk disk;
    private final BaseWriter base;

    // All guarded by the monitor.
    private AofManifest manifest = AofManifest.EMPTY;
    private @Nullable AofFolder folder;
    private @Nullable AppendLog log;
    private @Nullable Thread rewriter;
    private boolean wanted;
    private volatile boolean closed;
    private boolean reloads;
    private long earlierBytes;
    private long baseBytes;
    private long rewrites;
    private long failures;
    private boolean rewriteOk = true;
    private long lastRewriteNanos = -1;
    private long rewriteBeganNanos;
    private long nextTryNanos;

    /// Of a server's data, on the system's disk.
    ///
    /// @param snapshots write the bases
    public static AppendOnlyFile of(Engine engine, Snapshots snapshots) {
        return new AppendOnlyFile(engine, Disk.REAL, snapshots.base());
    }

    AppendOnlyFile(Engine engine, Disk disk, BaseWriter base) {
        this.engine = engine;
        this.config = engine.config();
        this.disk = disk;
        this.base = base;
    }

    // ---- beginning and end ------------------------------------------------------------------------------------

    /// Loads what there is and begins to log, if `appendonly` says so; and follows the directives from now on. Clients
    /// are turned away until it is done ([Engine#loading]).
    ///
    /// @throws IOException with one sentence, if the log cannot be loaded or written
    public synchronized void start() throws IOException {
        if (config.appendonly.isOn()) {
            AofFolder files = AofFolder.of(disk, config);
            manifest = new AofLoader(engine, files).load();
            folder = files;
            try {
                begin(files);
            } catch (AofException said) {
                throw said;
            } catch (IOException fault) {
                throw AofException.of(
                        files.folder(),
                        "cannot be written to (" + AofException.why(fault) + ")",
                        "make room there, or give it to the user that runs the server");
            }
        }
        config.appendonly.follow(() -> turn(config.appendonly.isOn()));
        config.appendfsync.follow(this::followPolicy);
    }

    private void begin(AofFolder files) throws IOException {
        files.create();
        if (manifest.base() == null && manifest.increments().isEmpty()) {
            AofManifest.Part first = manifest.nextBase(files.fileName(), config.aofUseRdbPreamble.isOn());
            writeBase(files, first, () -> {});
            manifest = new AofManifest(first, manifest.history(), manifest.increments());
        }
        if (manifest.increments().isEmpty()) {
            AofManifest.Part increment = manifest.nextIncrement(files.fileName());
            disk.create(files.path(increment)).close();
            manifest = manifest.with(increment);
            if (manifest.base() != null && manifest.base().next() == 0) {
                manifest =
                        new AofManifest(manifest.base().before(increment), manifest.history(), manifest.increments());
            }
            files.write(manifest);
        }
        deleteHistory(files);
        AofManifest.Part last = manifest.increments().getLast();
        earlierBytes = files.bytes(manifest.parts()) - files.bytes(last);
        baseBytes = earlierBytes + files.bytes(last);
        wanted = true;
        log = new AppendLog(engine, engine.journal().read(), disk.open(files.path(last)), this::rewriteSuspect);
        log.start();
        log.named();
    }

    /// Writes a base as its name says: RDB, or commands.
    private void writeBase(AofFolder files, AofManifest.Part part, Runnable atTheCut) throws IOException {
        Path temporary = temporary(files, ".aof");
        if (part.isRdb()) {
            base.write(files.path(part), temporary, atTheCut);
            return;
        }
        Path rdb = temporary(files, ".rdb");
        try {
            base.write(rdb, temporary, atTheCut);
            BaseOfCommands.Form form = new BaseOfCommands.Form(
                    config.aofTimestampEnabled.isOn(), config.aofRewriteIncrementalFsync.isOn());
            BaseOfCommands.write(disk, rdb, files.path(part), temporary, form, () -> closed);
        } finally {
            disk.delete(rdb);
        }
    }

    private static Path temporary(AofFolder files, String suffix) {
        return Temporaries.ofBase(files.folder(), suffix);
    }

    private synchronized void followPolicy() {
        if (log != null) {
            log.followPolicy();
        }
    }

    private synchronized void turn(boolean on) {
        if (on == wanted || closed) {
            return;
        }
        wanted = on;
        if (on) {
            folder = AofFolder.of(disk, config);
            startRewriting();
        } else {
            stopLog();
        }
    }

    private void stopLog() {
        AppendLog old = log;
        log = null;
        if (old != null) {
            old.close();
        }
    }

    /// Ends it: all that was journaled is on disk afterwards.
    @Override
    public void close() {
        Thread under;
        synchronized (this) {
            closed = true;
            under = rewriter;
        }
        base.cancel();
        if (under != null) {
            join(under);
        }
        synchronized (this) {
            stopLog();
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

    // ---- loading it again ---------------------------------------------------------------------------------------

    /// Nobody changes anything meanwhile, and nothing is saved or rewritten: what is in memory is not all of the data.
    @Override
    @SuppressWarnings("StaticAssignmentOfThrowable") // It has neither stack trace nor suppressed exceptions to keep.
    public void reload() {
        long nowMs = engine.clock().wallMs();
        engine.pause().begin(nowMs, Long.MAX_VALUE, Pause.Extent.ALL);
        try {
            AppendLog running = beginToReload();
            if (running != null) {
                running.awaitWritten();
            }
            AofFolder files = AofFolder.of(disk, config);
            if (!files.hasManifest()) {
                throw AofException.of(files.manifestPath(), "is missing", "write a log first, with BGREWRITEAOF");
            }
            engine.loading().begin(0);
            Tx tx = engine.keyspace().newTx(new SplittableRandom());
            tx.begin(0, nowMs, false).flushAll();
            tx.end();
            new AofLoader(engine, files).load();
        } catch (IOException fault) {
            LOG.error("cannot load the log again", fault);
            throw CANNOT_LOAD;
        } finally {
            endReload();
            engine.loading().end();
            engine.pause().end();
            engine.pause().resume();
        }
    }

    /// Waits for the end of a rewrite, and of the one that a log begins with, and keeps the next from beginning.
    private synchronized @Nullable AppendLog beginToReload() throws IOException {
        while (rewriter != null) {
            try {
                wait();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }
        reloads = true;
        return log;
    }

    private synchronized void endReload() {
        reloads = false;
    }

    // ---- rewriting --------------------------------------------------------------------------------------------

    /// Begins a rewrite: BGREWRITEAOF. Without a log it writes one that nobody adds to, as Redis does.
    ///
    /// @return false if one is under way already
    public synchronized boolean rewrite() {
        if (rewriter != null || closed || reloads) {
            return false;
        }
        if (folder == null) {
            folder = AofFolder.of(disk, config);
        }
        startRewriting();
        return true;
    }

    /// Whether a rewrite would begin only when a snapshot that is being saved has ended.
    boolean mustWait() {
        return base.isBusy();
    }

    private void startRewriting() {
        if (rewriter != null || reloads) {
            return;
        }
        AofFolder files = java.util.Objects.requireNonNull(folder);
        rewriteBeganNanos = engine.clock().nanos();
        Thread thread = new Thread(() -> rewriteInto(files), "nuthatch-aof-rewrite");
        thread.setDaemon(true);
        rewriter = thread;
        thread.start();
    }

    private synchronized void rewriteSuspect() {
        LOG.warn("the log is written anew: what is on disk since a failed force is not certain");
        startRewriting();
    }

    /// Begins a rewrite if the log has grown enough, or if it could not be turned on. To be called now and then.
    public synchronized void tick() {
        if (!wanted || closed || reloads || rewriter != null || engine.clock().nanos() < nextTryNanos) {
            return;
        }
        if (log == null) {
            startRewriting();
        } else if (hasGrown()) {
            LOG.info("the log has grown and is rewritten: bytes={}, after the last rewrite={}", bytes(), baseBytes);
            startRewriting();
        }
    }

    private boolean hasGrown() {
        long percentage = config.autoAofRewritePercentage.value();
        long bytes = bytes();
        long from = Math.max(1, baseBytes);
        return percentage > 0
                && bytes > config.autoAofRewriteMinSize.value()
                && (double) (bytes - from) * 100 / from >= percentage;
    }

    private long bytes() {
        return log == null ? 0 : earlierBytes + log.fileBytes();
    }

    private void rewriteInto(AofFolder files) {
        boolean ok = false;
        try {
            files.create();
            AppendLog running;
            synchronized (this) {
                running = log;
            }
            if (running != null) {
                rewriteRunning(files, running);
            } else {
                rewriteFromNothing(files);
            }
            ok = true;
            LOG.info("the log has been rewritten: bytes={}", baseBytes);
        } catch (IOException | RuntimeException | Error fault) {
            LOG.error("the log could not be rewritten", fault);
        } finally {
            ended(ok);
        }
    }

    private synchronized void ended(boolean ok) {
        rewriter = null;
        notifyAll();
        rewriteOk = ok;
        rewrites++;
        failures = ok ? 0 : failures + 1;
        long now = engine.clock().nanos();
        lastRewriteNanos = now - rewriteBeganNanos;
        if (!ok) {
            long doublings = Math.clamp(failures - FREE_FAILURES, 0, 10);
            long delay = Math.min(FIRST_DELAY_NANOS << doublings, MOST_DELAY_NANOS);
            nextTryNanos = now + (failures < FREE_FAILURES || log == null ? TURN_ON_NANOS : delay);
        } else if (wanted && log == null && !closed) {
            startRewriting(); // It was turned on when this one had made its cut.
        }
    }

    private void rewriteRunning(AofFolder files, AppendLog running) throws IOException {
        AofManifest.Part increment;
        AofManifest.Part newBase;
        Disk.File next;
        synchronized (this) {
            increment = manifest.nextIncrement(files.fileName());
            newBase = manifest.nextBase(files.fileName(), config.aofUseRdbPreamble.isOn());
            next = disk.create(files.path(increment));
            AofManifest named = manifest.with(increment);
            files.write(named);
            manifest = named;
        }
        running.rewriting(true);
        try {
            writeBase(files, newBase, () -> engine.journal().cut(running.reader(), () -> running.switchTo(next)));
        } finally {
            running.rewriting(false);
        }
        supersede(files, newBase, increment);
        synchronized (this) {
            if (log != running) {
                next.close(); // The log was turned off meanwhile, and does not go on with it.
            }
        }
    }

    /// Names the new base and what follows it in the manifest, and lets go of what came before.
    private synchronized void supersede(AofFolder files, AofManifest.Part newBase, AofManifest.Part increment)
            throws IOException {
        AofManifest named = manifest.rebased(newBase, increment);
        files.write(named);
        manifest = named;
        earlierBytes = files.bytes(newBase);
        baseBytes = earlierBytes + (log == null ? 0 : log.fileBytes());
        deleteHistory(files);
    }

    private void deleteHistory(AofFolder files) throws IOException {
        if (config.aofDisableAutoGc.isOn() || manifest.history().isEmpty()) {
            return;
        }
        AofManifest named = manifest.withoutHistory();
        AofManifest before = manifest;
        files.write(named);
        manifest = named;
        for (AofManifest.Part part : before.history()) {
            disk.delete(files.path(part));
        }
    }

    /// There is no log yet: the base and the first increment come to be together. Files of an earlier log are
    /// superseded.
    private void rewriteFromNothing(AofFolder files) throws IOException {
        AofManifest before = files.hasManifest() ? files.read() : AofManifest.EMPTY;
        AofManifest.Part newBase = before.nextBase(files.fileName(), config.aofUseRdbPreamble.isOn());
        AofManifest.Part increment = before.nextIncrement(files.fileName());
        Disk.File next = disk.create(files.path(increment));
        AtomicReference<@Nullable AppendLog> begun = new AtomicReference<>();
        try {
            writeBase(files, newBase, () -> begun.set(attach(next)));
            synchronized (this) {
                manifest = before.with(increment);
                log = begun.get();
                supersede(files, newBase, increment);
                if (log != null) {
                    log.named();
                }
                if (!wanted) {
                    stopLog();
                }
            }
        } catch (IOException | RuntimeException | Error fault) {
            abandon(begun.get(), next);
            throw fault;
        }
        if (begun.get() == null) {
            next.close();
        }
    }

    /// Begins to log at the cut, if a log is wanted.
    private @Nullable AppendLog attach(Disk.File next) {
        if (!config.appendonly.isOn()) {
            return null;
        }
        try {
            AppendLog begun = new AppendLog(engine, engine.journal().read(), next, this::rewriteSuspect);
            begun.start();
            return begun;
        } catch (IOException fault) {
            throw new java.io.UncheckedIOException(fault);
        }
    }

    private synchronized void abandon(@Nullable AppendLog begun, Disk.File next) throws IOException {
        log = null;
        if (begun == null) {
            next.close();
        } else {
            begun.close();
        }
    }

    // ---- figures ----------------------------------------------------------------------------------------------

    @Override
    public synchronized AofFigures figures() {
        long now = engine.clock().nanos();
        AppendLog running = log;
        return new AofFigures(
                wanted,
                rewriter != null && !base.waits(),
                rewriter != null && base.waits(),
                lastRewriteNanos < 0 ? -1 : TimeUnit.NANOSECONDS.toSeconds(lastRewriteNanos),
                rewriter == null ? -1 : TimeUnit.NANOSECONDS.toSeconds(now - rewriteBeganNanos),
                rewriteOk,
                running == null || running.failure() == null,
                rewrites,
                failures,
                bytes(),
                baseBytes,
                running == null ? 0 : running.unwrittenBytes(),
                running == null ? 0 : running.unforcedBytes());
    }
}
