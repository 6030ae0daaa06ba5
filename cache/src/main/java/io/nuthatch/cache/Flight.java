package io.nuthatch.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One key on its way through the tiers to the source. All who want the key meanwhile wait for the same flight.
///
/// Its fields are written by the thread that flies it; `usable` is read by those who wait.
final class Flight<K, V> {
    final K key;
    final int slot;
    /// What is found or loaded counts only if nothing has happened to the key since.
    final long mark;
    final Policy policy;
    final @Nullable Source<? super K, V> source;
    /// Looks for something newer than what is fresh in memory.
    final boolean refreshing;

    final CompletableFuture<Answer<V>> landed = new CompletableFuture<>();

    /// Who flies, to find a loader that asks for its own key.
    private volatile @Nullable Thread pilot;
    /// The best answer so far, should the source fail.
    private volatile @Nullable Answer<V> usable;

    /// What a read gets.
    ///
    /// @param entry null when nothing is known
    /// @param tier where it was found; empty when it was loaded
    /// @param stale whether it is served for want of better
    record Answer<V>(@Nullable Entry<V> entry, String tier, boolean stale) {
        private static final Answer<?> MISS = new Answer<>(null, "", false);

        @SuppressWarnings("unchecked")
        static <V> Answer<V> miss() {
            return (Answer<V>) MISS;
        }

        @Nullable
        V value() {
            return entry == null ? null : entry.value;
        }
    }

    Flight(K key, int slot, long mark, Policy policy, @Nullable Source<? super K, V> source, boolean refreshing) {
        this.key = key;
        this.slot = slot;
        this.mark = mark;
        this.policy = policy;
        this.source = source;
        this.refreshing = refreshing;
    }

    void board() {
        pilot = Thread.currentThread();
    }

    boolean isFlownByMe() {
        return pilot == Thread.currentThread();
    }

    @Nullable
    Answer<V> usable() {
        return usable;
    }

    /// Keeps the younger of what could be served for want of better.
    void offer(Entry<V> entry, String tier) {
        Answer<V> best = usable;
        if (best == null || best.entry() == null || best.entry().createdMs() < entry.createdMs()) {
            usable = new Answer<>(entry, tier, true);
        }
    }

    /// Whether a fresh entry ends the search.
    boolean accepts(Entry<V> entry, long nowMs) {
        return !refreshing || !entry.isDueForRefresh(nowMs);
    }
}
