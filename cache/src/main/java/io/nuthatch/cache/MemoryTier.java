package io.nuthatch.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The entries in this process. Caffeine bounds their number and drops what is gone; whether an entry may be served is
/// decided by the reader.
final class MemoryTier<K, V> {
    static final String NAME = "memory";

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder evictions = new LongAdder();
    final LongAdder expirations = new LongAdder();

    private final com.github.benmanes.caffeine.cache.Cache<K, Entry<V>> entries;

    MemoryTier(long maxEntries, Time time, Executor executor) {
        entries = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(time.nowMs()))
                .expireAfter(new UntilGone<K, V>(time))
                .evictionListener(
                        (key, entry, cause) -> (cause == RemovalCause.EXPIRED ? expirations : evictions).increment())
                .executor(executor)
                .build();
    }

    @Nullable
    Entry<V> get(K key) {
        return entries.getIfPresent(key);
    }

    /// Keeps an entry unless a newer one is there: two readers of the same key may arrive in either order.
    void put(K key, Entry<V> entry) {
        writes.increment();
        entries.asMap().merge(key, entry, (old, fresh) -> old.mark > fresh.mark ? old : fresh);
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

    /// Entries leave when they are gone, or have not been read for their idle time.
    private record UntilGone<K, V>(Time time) implements Expiry<K, Entry<V>> {
        @Override
        public long expireAfterCreate(K key, Entry<V> entry, long nowNs) {
            return leftNs(entry);
        }

        @Override
        public long expireAfterUpdate(K key, Entry<V> entry, long nowNs, long currentNs) {
            return leftNs(entry);
        }

        @Override
        public long expireAfterRead(K key, Entry<V> entry, long nowNs, long currentNs) {
            return entry.idleMs == Long.MAX_VALUE ? currentNs : leftNs(entry);
        }

        private long leftNs(Entry<V> entry) {
            return TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(entry.goneAtMs - time.nowMs(), entry.idleMs)));
        }
    }
}
