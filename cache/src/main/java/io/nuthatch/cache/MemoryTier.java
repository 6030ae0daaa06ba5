package io.nuthatch.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The entries in this process. Caffeine bounds their number; whether an entry may be served is decided by the
/// reader.
///
/// Caffeine's own expiry is not used: with it a hit costs several times as much, as every read then reads a clock
/// and changes the entry. Entries know their deadlines. What is gone is swept out as others are written, and is at
/// worst as much as the bound allows.
final class MemoryTier<K, V> {
    static final String NAME = "memory";

    private static final Logger log = LoggerFactory.getLogger(MemoryTier.class);

    private static final long SWEEP_EVERY_MS = 10_000;

    /// Caffeine hears of one read of an entry in so long: to hear of it costs as much as the rest of a hit.
    private static final long TELL_EVERY_MS = 10;

    final Tally hits = new Tally();
    final LongAdder misses = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder evictions = new LongAdder();
    final LongAdder expirations = new LongAdder();

    private final com.github.benmanes.caffeine.cache.Cache<K, Entry<V>> entries;
    private final Map<K, Entry<V>> map;
    private final com.github.benmanes.caffeine.cache.Policy<K, Entry<V>> policy;
    private final BiConsumer<? super K, ? super V> whenExpired;
    private final Time time;
    private final Executor executor;
    private final AtomicLong sweepAtMs;

    /// @param whenExpired is told of values whose time was over as they leave
    MemoryTier(long maxEntries, Time time, Executor executor, BiConsumer<? super K, ? super V> whenExpired) {
        this.whenExpired = whenExpired;
        this.time = time;
        this.executor = executor;
        sweepAtMs = new AtomicLong(time.nowMs() + SWEEP_EVERY_MS);
        entries = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .evictionListener((key, entry, cause) -> evictions.increment())
                .build();
        map = entries.asMap();
        policy = entries.policy();
    }

    /// The entries as Caffeine holds them, to be read without its noticing: for those that are plain. All others
    /// must be read by [#get].
    com.github.benmanes.caffeine.cache.Policy<K, Entry<V>> quietly() {
        return policy;
    }

    /// The entry, which has now been read, as Caffeine hears and the entry itself if it minds; null when it was
    /// idle for too long.
    @Nullable
    Entry<V> get(K key, long nowMs) {
        Entry<V> entry = entries.getIfPresent(key);
        if (entry == null) {
            return null;
        }
        if (entry.isIdle(nowMs)) {
            return null;
        }
        entry.read(nowMs, nowMs + TELL_EVERY_MS);
        return entry;
    }

    /// Keeps an entry unless a newer one is there: two readers of the same key may arrive in either order.
    void put(K key, Entry<V> entry) {
        writes.increment();
        long nowMs = time.nowMs();
        Entry<V> before = policy.getIfPresentQuietly(key);
        if (before != null) {
            dropIfGone(key, before, nowMs);
        }
        entry.read(nowMs, nowMs + TELL_EVERY_MS);
        map.merge(key, entry, (old, fresh) -> old.mark > fresh.mark ? old : fresh);
        sweepIfDue(nowMs);
    }

    private void sweepIfDue(long nowMs) {
        long dueMs = sweepAtMs.get();
        if (nowMs >= dueMs && sweepAtMs.compareAndSet(dueMs, nowMs + SWEEP_EVERY_MS)) {
            try {
                executor.execute(this::sweep);
            } catch (RejectedExecutionException e) {
                // The cache is closing, and forgets everything anyway.
                sweepAtMs.set(Long.MAX_VALUE);
            }
        }
    }

    /// Removes what is gone.
    private void sweep() {
        long nowMs = time.nowMs();
        map.forEach((key, entry) -> dropIfGone(key, entry, nowMs));
    }

    /// Removes an entry that is of no use to anyone any more.
    void dropIfGone(K key, Entry<V> entry, long nowMs) {
        if (entry.isGone(nowMs) && map.remove(key, entry)) {
            expirations.increment();
            if (entry.value != null) {
                tell(key, entry.value);
            }
        }
    }

    private void tell(K key, V value) {
        try {
            whenExpired.accept(key, value);
        } catch (RuntimeException e) {
            log.warn("what is to be done when an entry expires failed for {}", key, e);
        }
    }

    /// Replaces an entry, if there is one, by what is made of it.
    void renew(K key, UnaryOperator<Entry<V>> change) {
        map.computeIfPresent(key, (same, entry) -> change.apply(entry));
    }

    /// All there are, as they are come by.
    Stream<Map.Entry<K, Entry<V>>> entries() {
        return map.entrySet().stream();
    }

    void remove(K key) {
        entries.invalidate(key);
    }

    void clear() {
        entries.invalidateAll();
    }

    long size() {
        entries.cleanUp();
        return entries.estimatedSize();
    }
}
