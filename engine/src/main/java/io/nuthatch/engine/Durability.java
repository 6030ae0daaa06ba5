package io.nuthatch.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// When replies may be sent: not before what they tell of is as safe as the configuration promises.
///
/// ```
///   event loop: run commands -> needed() = where the journal ends -> not reached yet: hold the replies, await(offset)
///   log:        write, force -> reached(offset) -> every loop is told, and sends what it has held
/// ```
/// A reply may tell of a change by anybody, so all replies of a moment wait for all changes before it: what a client
/// has been told, whether it wrote or read, is there after a crash.
///
/// Threads: any.
public final class Durability {
    private static final long NOTHING = -1;

    private final Journal journal;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean holds;
    private volatile long reached;
    private volatile long onDisk = NOTHING;
    private volatile long awaited;
    private final AtomicLong waits = new AtomicLong();
    private volatile long enough;
    private volatile @Nullable Thread writer;
    private volatile @Nullable CommandError fault;
    private volatile boolean broken;

    Durability(Journal journal) {
        this.journal = journal;
    }

    // ---- for those who reply ----------------------------------------------------------------------------------

    /// Where the journal must have been brought to disk before what has been written by now may be sent; 0 if it may be
    /// sent at once.
    public long needed() {
        return holds ? journal.end() : 0;
    }

    /// Whether replies wait for the disk at all.
    public boolean isHolding() {
        return holds;
    }

    /// Whether replies may be sent that need so much.
    public boolean isReached(long offset) {
        return offset <= reached || !holds;
    }

    /// Whether what waits will not be reached: the disk refuses. Whoever waits for it must not be answered.
    public boolean isBroken() {
        return broken;
    }

    /// Says that somebody waits for an offset. [#nudge] must follow, when all who wait by now have said so.
    public void await(long offset) {
        waits.getAndIncrement();
        if (offset > awaited) {
            awaited = offset; // A smaller one may overwrite it: the writer goes as far as it can anyway.
        }
    }

    /// Has the writer look whether there is something to write, if it sleeps and as many wait as it wants.
    public void nudge() {
        Thread sleeper = writer;
        if (sleeper != null && waits.get() >= enough) {
            writer = null;
            LockSupport.unpark(sleeper);
        }
    }

    /// Has somebody told, on the log's thread, whenever more has been reached.
    public void onProgress(Runnable listener) {
        listeners.add(listener);
    }

    /// Whether all changes before an offset are on disk, so that a start would find them. While there is no log, none
    /// are.
    public boolean isOnDisk(long offset) {
        return offset <= onDisk;
    }

    /// Why nothing may be written, or null: the last attempt to bring changes to disk has failed.
    public @Nullable CommandError fault() {
        return fault;
    }

    // ---- for the log ------------------------------------------------------------------------------------------

    /// Whether replies wait for the disk: `appendfsync always`.
    public void holds(boolean does) {
        holds = does;
        if (!does) {
            tell();
        }
    }

    /// The highest offset that anybody waits for.
    public long awaited() {
        return awaited;
    }

    /// How often somebody has begun to wait.
    public long waits() {
        return waits.get();
    }

    /// All changes before an offset are on disk.
    public void reached(long offset) {
        reached = offset;
        broken = false;
        fault = null;
        tell();
    }

    /// All changes before an offset have been forced to disk, in files that a start would read.
    public synchronized void forced(long offset) {
        onDisk = Math.max(onDisk, offset);
    }

    /// There is no log any more.
    public synchronized void ended() {
        onDisk = NOTHING;
    }

    /// Changes could not be written: no more are accepted until they can.
    ///
    /// @param why in the system's words
    public void failed(String why) {
        fault = CommandError.of("MISCONF Errors writing to the AOF file: " + why);
        broken = holds;
        if (broken) {
            tell();
        }
    }

    /// Changes can be written again.
    public void recovered() {
        fault = null;
        broken = false;
    }

    /// The calling thread is about to sleep, and wants to be woken when there is something to write.
    public void sleeps(Thread log) {
        sleeps(log, 0);
    }

    /// The same, but it does not want to be woken before somebody has begun to wait for the `enough`-th time.
    public void sleeps(Thread log, long enough) {
        this.enough = enough;
        writer = log;
    }

    private void tell() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }
}
