package io.nuthatch.cache;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A time that passes only when it is told to: for tests of what expires, refreshes and times out.
///
/// Tasks that are due run one after another on the thread that advances the time, each at its own moment.
public final class ManualTime implements Time {
    private final ReentrantLock lock = new ReentrantLock();
    /// Under the lock.
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::atMs).thenComparingLong(Task::order));
    /// Under the lock.
    private long scheduled;
    /// Written under the lock.
    private volatile long nowMs;

    /// Starts at a moment in milliseconds since 1970.
    public ManualTime(long startMs) {
        nowMs = startMs;
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public Timer after(Duration delay, Runnable work) {
        lock.lock();
        try {
            Task task = new Task(nowMs + delay.toMillis(), scheduled++, work);
            tasks.add(task);
            return () -> forget(task);
        } finally {
            lock.unlock();
        }
    }

    /// Lets time pass, and runs what falls due on the way.
    public void advance(Duration by) {
        long untilMs = nowMs + by.toMillis();
        for (Task due = nextDue(untilMs); due != null; due = nextDue(untilMs)) {
            due.work().run();
        }
    }

    /// How many tasks wait for their time.
    public int waiting() {
        lock.lock();
        try {
            return tasks.size();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Task nextDue(long untilMs) {
        lock.lock();
        try {
            Task next = tasks.peek();
            if (next == null || next.atMs() > untilMs) {
                nowMs = untilMs;
                return null;
            }
            nowMs = Math.max(nowMs, next.atMs());
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    private void forget(Task task) {
        lock.lock();
        try {
            tasks.remove(task);
        } finally {
            lock.unlock();
        }
    }

    private record Task(long atMs, long order, Runnable work) {}
}
