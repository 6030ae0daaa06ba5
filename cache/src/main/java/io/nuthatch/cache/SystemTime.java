package io.nuthatch.cache;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The time of the machine, read a hundred times a second by one thread for all caches.
///
/// A hit reads the time, and `System.currentTimeMillis()` costs as much as the rest of a hit (24 ns here, of about
/// 50); a volatile field costs one. So what is ten milliseconds too old may still be served.
///
/// Timers run on platform threads: virtual ones that compute and never wait can keep all others from running.
final class SystemTime implements Time {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int TIMER_THREADS = 2;

    private final ScheduledThreadPoolExecutor timers;
    private volatile long nowMs = System.currentTimeMillis();

    private SystemTime() {
        timers = new ScheduledThreadPoolExecutor(
                TIMER_THREADS,
                Thread.ofPlatform().daemon().name("nuthatch-cache-timers").factory());
        timers.setRemoveOnCancelPolicy(true);
        Thread.ofPlatform().daemon().name("nuthatch-cache-clock").start(this::tick);
    }

    /// Made when the first cache asks for it.
    private static final class Holder {
        static final SystemTime TIME = new SystemTime();
    }

    static SystemTime get() {
        return Holder.TIME;
    }

    private void tick() {
        while (true) {
            LockSupport.parkNanos(TICK_NS);
            nowMs = System.currentTimeMillis();
        }
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        ScheduledFuture<?> scheduled = timers.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }
}
