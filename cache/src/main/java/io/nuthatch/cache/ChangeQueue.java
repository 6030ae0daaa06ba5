package io.nuthatch.cache;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The changes that are safe in the journal and not yet in the store, in the order of their numbers.
///
/// ```
///           taken            waiting                    room that is reserved
///  | 41 42 43 44 45 | 46 47 48 49 50 51 52 | . . . being written to the journal . . . |
///    one batch        the next ones
/// ```
///
/// Whoever writes reserves room first, and waits while there is none. `newest` answers reads without the lock.
///
/// While the store is away, a change takes the place of an earlier one of its key: that one keeps its number and
/// loses its value, so that a key that is written again and again does not fill the queue. While the store is
/// there both are kept, since otherwise such a key would never be taken.
final class ChangeQueue<K, V> {
    /// A change that waits.
    static final class Waiting<K, V> {
        final long number;
        final long version;
        final long sinceMs;
        final int bytes;
        /// Null when a later one has taken its place. Under the queue's lock.
        private @Nullable Change<K, V> change;

        Waiting(JournalRecord of, Change<K, V> change) {
            number = of.number();
            version = of.version();
            sinceMs = of.version() / VersionClock.PER_MS;
            bytes = of.bytes();
            this.change = change;
        }
    }

    private final WriteBehind options;
    private final Time time;
    private final LongSupplier journalBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final Condition progress = lock.newCondition();

    private final ConcurrentHashMap<K, Waiting<K, V>> newest = new ConcurrentHashMap<>();

    // Under the lock, all that follow.
    private final Deque<Waiting<K, V>> waiting = new ArrayDeque<>();
    private List<Waiting<K, V>> taken = List.of();
    /// Of those that wait with their values, are taken, or have room reserved.
    private int changes;
    private long bytes;
    private long waitingBytes;
    private long lastNumber;
    private long doneNumber;
    /// Those up to this number are not to wait for others.
    private long hurried;
    private boolean away;
    private boolean ended;
    private Time.@Nullable Timer timer;

    /// @param journalBytes how large the journal is
    ChangeQueue(WriteBehind options, Time time, LongSupplier journalBytes) {
        this.options = options;
        this.time = time;
        this.journalBytes = journalBytes;
    }

    // For those who write

    /// Takes room for changes, and waits for it as long as the patience lasts.
    ///
    /// @return whether there is room now
    boolean reserve(int count, long size) throws InterruptedException {
        long leftNs = options.patience().toNanos();
        lock.lockInterruptibly();
        try {
            while (!hasRoom(count, size)) {
                if (ended || leftNs <= 0) {
                    return false;
                }
                leftNs = room.awaitNanos(leftNs);
            }
            changes += count;
            bytes += size;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// A queue that is empty takes anything: who asks for more than ever fits shall not wait for ever.
    private boolean hasRoom(int count, long size) {
        boolean fits = changes + count <= options.maxChanges() && bytes + size <= options.maxBytes();
        return (fits || changes == 0) && journalBytes.getAsLong() + size <= options.maxJournalBytes();
    }

    /// Gives room back.
    void release(int count, long size) {
        lock.lock();
        try {
            leave(count, size);
        } finally {
            lock.unlock();
        }
    }

    private void leave(int count, long size) {
        changes -= count;
        bytes -= size;
        room.signalAll();
    }

    /// Adds changes that are in the journal and have room.
    void add(List<Waiting<K, V>> more) {
        lock.lock();
        try {
            more.forEach(this::add);
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(Waiting<K, V> next) {
        Change<K, V> change = change(next);
        Waiting<K, V> before = newest.put(change.key(), next);
        waiting.add(next);
        waitingBytes += next.bytes;
        lastNumber = next.number;
        if (away && before != null && before.change != null && !isTaken(before)) {
            before.change = null;
            waitingBytes -= before.bytes;
            leave(1, before.bytes);
        }
    }

    private boolean isTaken(Waiting<K, V> one) {
        return !taken.isEmpty() && one.number <= taken.getLast().number;
    }

    private static <K, V> Change<K, V> change(Waiting<K, V> one) {
        Change<K, V> change = one.change;
        if (change == null) {
            throw new IllegalStateException("the change has lost its value: number=" + one.number);
        }
        return change;
    }

    /// Adds what was found in the journal, which has room whatever its size.
    void addFound(List<Waiting<K, V>> found) {
        lock.lock();
        try {
            changes += found.size();
            found.forEach(one -> bytes += one.bytes);
            found.forEach(this::add);
            hurried = lastNumber;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The newest change of a key.
    @Nullable
    Change<K, V> pending(K key) {
        Waiting<K, V> one = newest.get(key);
        return one == null ? null : one.change;
    }

    // For the one who delivers

    /// The next run of changes, as soon as it is full, old enough, or in a hurry. Null when the queue has ended.
    @Nullable
    List<Waiting<K, V>> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!ended && !isDue()) {
                wakeWhenOld();
                work.await();
            }
            if (ended) {
                return null;
            }
            taken = run();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        Waiting<K, V> first = waiting.peekFirst();
        return first != null
                && (waiting.size() >= options.batch()
                        || waitingBytes >= options.batchBytes()
                        || first.number <= hurried
                        || time.nowMs() - first.sinceMs >= options.delay().toMillis());
    }

    private void wakeWhenOld() {
        Waiting<K, V> first = waiting.peekFirst();
        if (first != null && timer == null) {
            long leftMs = first.sinceMs + options.delay().toMillis() - time.nowMs();
            timer = time.after(Duration.ofMillis(Math.max(1, leftMs)), this::wake);
        }
    }

    private void wake() {
        lock.lock();
        try {
            timer = null;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<Waiting<K, V>> run() {
        List<Waiting<K, V>> run = new ArrayList<>();
        long size = 0;
        int alive = 0;
        while (!waiting.isEmpty()) {
            Waiting<K, V> next = waiting.getFirst();
            int more = next.change == null ? 0 : next.bytes;
            boolean full = alive == options.batch() || size + more > options.batchBytes();
            if (full && !run.isEmpty()) {
                break;
            }
            run.add(waiting.removeFirst());
            size += more;
            alive += next.change == null ? 0 : 1;
        }
        waitingBytes -= size;
        return run;
    }

    /// The changes of a run that count: the last one of each key, in the order of their numbers.
    List<Batch.Numbered<K, V>> lastOfEachKey(List<Waiting<K, V>> run) {
        lock.lock();
        try {
            Map<K, Batch.Numbered<K, V>> last = new LinkedHashMap<>();
            for (Waiting<K, V> one : run) {
                Change<K, V> change = one.change;
                if (change != null) {
                    last.remove(change.key());
                    last.put(change.key(), new Batch.Numbered<>(one.number, one.version, change));
                }
            }
            return List.copyOf(last.values());
        } finally {
            lock.unlock();
        }
    }

    /// The store has made the changes of the run that was taken, or they were given up.
    void done() {
        lock.lock();
        try {
            for (Waiting<K, V> one : taken) {
                Change<K, V> change = one.change;
                if (change != null) {
                    newest.remove(change.key(), one);
                    leave(1, one.bytes);
                }
                doneNumber = one.number;
            }
            taken = List.of();
            away = false;
            room.signalAll();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The store does not take changes at this time.
    void away() {
        lock.lock();
        try {
            away = true;
        } finally {
            lock.unlock();
        }
    }

    /// Leaves out what the store has already, as its mark says.
    void skip(long mark) {
        lock.lock();
        try {
            List<Waiting<K, V>> had = new ArrayList<>();
            while (!waiting.isEmpty() && waiting.getFirst().number <= mark) {
                Waiting<K, V> one = waiting.removeFirst();
                waitingBytes -= one.change == null ? 0 : one.bytes;
                had.add(one);
            }
            taken = had;
            done();
        } finally {
            lock.unlock();
        }
    }

    // For those who wait and look

    /// Waits until what is in the queue at this moment is done.
    ///
    /// @return whether it is
    boolean flush(Duration patience) throws InterruptedException {
        long leftNs = patience.toNanos();
        lock.lockInterruptibly();
        try {
            long last = lastNumber;
            hurried = Math.max(hurried, last);
            work.signalAll();
            while (doneNumber < last) {
                if (ended || leftNs <= 0) {
                    return false;
                }
                leftNs = progress.awaitNanos(leftNs);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Nothing more is taken.
    void end() {
        lock.lock();
        try {
            ended = true;
            if (timer != null) {
                timer.cancel();
            }
            work.signalAll();
            room.signalAll();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /// How many wait, and since when.
    Writer.Backlog backlog(long givenUp, String failure) {
        lock.lock();
        try {
            Waiting<K, V> oldest = taken.isEmpty() ? waiting.peekFirst() : taken.getFirst();
            long lagMs = oldest == null ? 0 : Math.max(0, time.nowMs() - oldest.sinceMs);
            return new Writer.Backlog(oldest == null ? 0 : changes, lagMs, givenUp, failure);
        } finally {
            lock.unlock();
        }
    }
}
