package io.nuthatch.persistence;

import io.nuthatch.engine.Config;
import io.nuthatch.engine.Durability;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Journal;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the journal to a file, and forces it to disk when `appendfsync` says so.
///
/// ```
///   Journal -> [ this thread: write | force ] -> Durability: so far all is on disk
/// ```
/// One thread does nothing else. With `always` event loops hold their replies and wake it; whatever has been
/// journaled when it begins to write is forced with one call, for all who wait, while commands run on; where several
/// wait, it begins a little later, so that more do. With `everysec` and `no` it writes every few milliseconds, so
/// that a process that is killed loses no more than those: what has been written is the system's.
///
/// ## When the disk refuses
/// What could not be written whole is cut off again, and tried anew ten times a second; meanwhile commands that write
/// are refused ([Durability#failed]), as Redis does. After a failed force nobody knows what is on disk, whatever the
/// system says later: the whole log is written anew from memory then.
///
/// Thread: its own; others where it is said.
final class AppendLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppendLog.class);

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// How long what is journaled may wait to be written while there is traffic.
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /// Rounds without anything to write after which it sleeps until it is woken.
    private static final int IDLE_ROUNDS = 50;

    /// How long a force waits for others to come: as long as one takes, but within these bounds.
    private static final long LEAST_GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private static final long MOST_GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long COMPLAINT_NANOS = 30 * SECOND_NANOS;

    /// The system is told after so many bytes that it need not keep them in memory: with those before them that have
    /// yet to go to disk, they fit into a processor's cache.
    private static final long FORGOTTEN_BYTES = 8L * 1024 * 1024;

    /// A multiple of all sizes that a page in the system's memory has: no page lies across the end of what is named.
    private static final long FORGOTTEN_UNIT_BYTES = 2L * 1024 * 1024;

    private final Engine engine;
    private final Config config;
    private final Durability durability;
    private final Journal.Reader reader;
    private final Runnable onSuspicion;
    private final Thread thread = new Thread(this::run, "nuthatch-aof");
    private final Bytes window = new Bytes();

    private Disk.File file;
    private Disk.@Nullable File nextFile;
    private volatile long fileBytes;

    /// The system has been told that it need not keep what is before this offset of the file.
    private long forgottenBytes;

    /// How far that was the time before.
    private long forgottenBeforeBytes;

    // Since it began, to all its files.
    private volatile long writtenBytes;

    private volatile long forcedBytes;

    /// All before this offset of the journal has been forced.
    private volatile long forcedPosition;

    /// Whether a start would read these files.
    private volatile boolean named;
    private volatile boolean rewriting;
    private volatile boolean stopped;
    private volatile @Nullable String failure;
    private boolean isTorn;
    private boolean isSuspect;
    private int idleRounds;
    private long lastForceNanos;

    /// How long the last force took.
    private long forceNanos;

    /// How many replies waited for the last force, and how many had waited at all when it began.
    private long lastGroup;

    private long waitsBefore;
    private long complainedNanos;

    /// @param file to append to, which is empty or ends with a whole command
    /// @param onSuspicion is run when the log on disk can no longer be trusted, and writing works again
    AppendLog(Engine engine, Journal.Reader reader, Disk.File file, Runnable onSuspicion) throws IOException {
        this.engine = engine;
        this.config = engine.config();
        this.durability = engine.durability();
        this.reader = reader;
        this.file = file;
        this.fileBytes = file.size();
        this.forgottenBytes = fileBytes - fileBytes % FORGOTTEN_UNIT_BYTES;
        this.forgottenBeforeBytes = forgottenBytes;
        this.onSuspicion = onSuspicion;
        this.lastForceNanos = engine.clock().nanos();
        this.complainedNanos = lastForceNanos - COMPLAINT_NANOS;
        thread.setDaemon(true);
    }

    void start() {
        forcedPosition = reader.position();
        durability.reached(reader.position());
        durability.holds(isAlways());
        thread.start();
    }

    Journal.Reader reader() {
        return reader;
    }

    /// Waits until all that has been journaled by now is in the file. Any thread but its own may.
    ///
    /// @throws IOException if it cannot be written
    void awaitWritten() throws IOException {
        long end = engine.journal().end();
        while (reader.position() < end) {
            String why = failure;
            if (why != null) {
                throw new IOException("the log cannot be written: " + why);
            }
            durability.nudge();
            LockSupport.parkNanos(ROUND_NANOS);
        }
    }

    /// Goes on with another file. To be called by a cut in the journal, on this thread.
    void switchTo(Disk.File next) {
        nextFile = next;
    }

    /// The manifest names the base and the file: a start would find what is in them. Any thread may say so.
    void named() {
        named = true;
        durability.forced(forcedPosition);
    }

    /// Whether the log is being rewritten: it may be left unforced meanwhile. Any thread may say so.
    void rewriting(boolean is) {
        rewriting = is;
    }

    /// `appendfsync` has changed. Any thread may say so.
    void followPolicy() {
        durability.holds(isAlways());
        durability.nudge();
    }

    /// Bytes of the file at hand. Any thread may ask.
    long fileBytes() {
        return fileBytes;
    }

    /// Bytes journaled that are not written. Any thread may ask.
    long unwrittenBytes() {
        return engine.journal().end() - reader.position();
    }

    /// Bytes written that may not be on disk. Any thread may ask.
    long unforcedBytes() {
        return writtenBytes - forcedBytes;
    }

    /// What the last attempt to write has failed with, or null.
    @Nullable
    String failure() {
        return failure;
    }

    private boolean isAlways() {
        return config.appendfsync.value().equals("always");
    }

    // ---- the thread -------------------------------------------------------------------------------------------

    private void run() {
        while (!stopped) {
            try {
                round();
            } catch (RuntimeException | Error fault) {
                LOG.error("writing the log failed", fault);
                fail("internal error");
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        try {
            drain();
            force();
        } catch (IOException fault) {
            LOG.error("the end of the log could not be written: bytes={}", unwrittenBytes(), fault);
        }
    }

    private void round() {
        try {
            gather();
            boolean wrote = drain();
            if (isDue()) {
                force();
            }
            recover();
            rest(wrote);
        } catch (IOException fault) {
            complain(fault);
            fail(String.valueOf(fault.getMessage()));
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /// Lets as many come together for one force as the last one was for, if those were several: they are about to ask
    /// again. One that is alone waits for nobody.
    private void gather() {
        if (!isAlways() || lastGroup <= 1) {
            return;
        }
        long enough = waitsBefore + lastGroup;
        long began = engine.clock().nanos();
        long left = Math.clamp(forceNanos, LEAST_GATHER_NANOS, MOST_GATHER_NANOS);
        for (long until = began + left;
                left > 0 && !stopped;
                left = until - engine.clock().nanos()) {
            durability.sleeps(thread, enough);
            if (durability.waits() >= enough) {
                return;
            }
            LockSupport.parkNanos(left);
        }
    }

    private boolean isDue() {
        if (isSuspect) {
            return true;
        }
        return forcedBytes != writtenBytes
                && switch (config.appendfsync.value()) {
                    case "always" -> true;
                    case "everysec" -> engine.clock().nanos() - lastForceNanos >= SECOND_NANOS;
                    default -> false;
                };
    }

    private void rest(boolean wrote) {
        if (isAlways()) {
            if (durability.awaited() <= reader.position()) {
                sleep();
            }
        } else if (wrote) {
            idleRounds = 0;
            LockSupport.parkNanos(ROUND_NANOS);
        } else if (++idleRounds < IDLE_ROUNDS) {
            LockSupport.parkNanos(ROUND_NANOS);
        } else {
            sleep();
        }
    }

    /// Sleeps until somebody has something to write.
    private void sleep() {
        durability.sleeps(thread);
        if (!stopped && unwrittenBytes() == 0) {
            LockSupport.parkNanos(SLEEP_NANOS);
        }
    }

    // ---- writing ----------------------------------------------------------------------------------------------

    /// Writes all that there is when it begins. What comes meanwhile is for the next time: with `always`, going after
    /// it would mean many small writes before each force, and those who wait already would wait for them.
    ///
    /// @return whether there was anything
    private boolean drain() throws IOException {
        boolean wrote = false;
        boolean more = true;
        long until = engine.journal().end();
        while (more) {
            if (reader.position() < until && reader.next(window)) {
                append(window);
                reader.skip(window.length());
                wrote = true;
            } else {
                Journal.Mark mark = reader.mark();
                if (mark != null) {
                    pass(mark);
                }
                more = mark != null;
            }
        }
        return wrote;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others look
    private void append(Bytes bytes) throws IOException {
        mend();
        isTorn = true;
        file.append(bytes);
        isTorn = false;
        fileBytes += bytes.length();
        writtenBytes += bytes.length();
        forget();
    }

    /// Has the system use the same memory for the log again and again, rather than fill all that is free with it. What
    /// was just written begins to go to disk by this, so there is less left to force; its memory is free when it is
    /// named for the second time.
    private void forget() {
        if (fileBytes - forgottenBytes >= FORGOTTEN_BYTES) {
            long until = fileBytes - fileBytes % FORGOTTEN_UNIT_BYTES;
            file.forget(forgottenBeforeBytes, until);
            forgottenBeforeBytes = forgottenBytes;
            forgottenBytes = until;
        }
    }

    /// Cuts off what was not written whole.
    private void mend() throws IOException {
        if (isTorn) {
            file.truncate(fileBytes);
            isTorn = false;
        }
    }

    private void pass(Journal.Mark mark) throws IOException {
        switch (mark) {
            case Journal.Mark.Second second -> {
                if (config.aofTimestampEnabled.isOn()) {
                    try (Scratch line = Scratch.of("#TS:" + second.second() + "\r\n")) {
                        append(line.bytes());
                    }
                }
            }
            case Journal.Mark.Cut cut -> {
                cut.then().run();
                changeFile();
            }
        }
    }

    private void changeFile() throws IOException {
        Disk.@Nullable File next = nextFile;
        if (next != null) {
            Disk.File done = file;
            nextFile = null;
            file = next;
            fileBytes = 0;
            forgottenBytes = 0;
            forgottenBeforeBytes = 0;
            try (done) {
                done.force();
            } catch (IOException fault) {
                isSuspect = true;
                throw fault;
            }
        }
    }

    private void force() throws IOException {
        long position = reader.position();
        long written = writtenBytes;
        long waits = durability.waits();
        lastGroup = waits - waitsBefore;
        waitsBefore = waits;
        long began = engine.clock().nanos();
        if (!(rewriting && config.noAppendfsyncOnRewrite.isOn())) {
            try {
                file.force();
            } catch (IOException fault) {
                isSuspect = true;
                throw fault;
            }
            forcedPosition = position;
            if (named) {
                durability.forced(position);
            }
        }
        lastForceNanos = engine.clock().nanos();
        forceNanos = lastForceNanos - began;
        forcedBytes = written;
        durability.reached(position);
    }

    // ---- faults -----------------------------------------------------------------------------------------------

    private void complain(IOException fault) {
        long now = engine.clock().nanos();
        if (now - complainedNanos >= COMPLAINT_NANOS) {
            complainedNanos = now;
            LOG.error("cannot write to the log, so nothing may be changed until it works again", fault);
        }
    }

    private void fail(String why) {
        failure = why;
        durability.failed(why);
    }

    private void recover() {
        if (failure != null) {
            failure = null;
            durability.recovered();
            complainedNanos = engine.clock().nanos() - COMPLAINT_NANOS;
            LOG.warn("writing to the log works again");
            if (isSuspect) {
                isSuspect = false;
                onSuspicion.run();
            }
        }
    }

    // ---- the end ----------------------------------------------------------------------------------------------

    /// Writes what is left, forces it to disk, and closes the file. Nobody journals any more, or all shards are locked.
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
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
        durability.holds(false);
        durability.recovered();
        durability.ended();
        reader.close();
        try {
            file.close();
        } catch (IOException fault) {
            LOG.warn("the log's file does not close", fault);
        }
    }
}
