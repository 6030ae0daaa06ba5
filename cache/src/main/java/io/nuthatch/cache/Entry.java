package io.nuthatch.cache;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value in memory, or the knowledge that there is none, and what decides whether it may be served.
///
/// Immutable but for the time of its last reading and two deadlines that a failed load pushes back; when two threads do
/// that
/// at once, either may win.
final class Entry<V> {
    private static final long NEVER = Long.MAX_VALUE;

    /// Null when the source has no value.
    final @Nullable V value;

    final long createdMs;
    final long freshUntilMs;
    final long goneAtMs;
    /// How long it stays in memory unread.
    final long idleMs;

    final Set<String> tags;
    final @Nullable String validator;
    final int slot;
    final long mark;

    /// When it was last read; kept only where an idle time is set. When two readers race, either may win.
    private long readAtMs;

    /// Until then a read has to do nothing but to serve it: it is fresh, not to be refreshed, and nobody minds that it
    /// was
    /// read. Those three questions in one field halve the cost of a hit.
    private final long plainUntilMs;

    /// A read after this reloads it in the background.
    private volatile long refreshAtMs;
    /// The source is left alone until then.
    private volatile long retryAtMs;

    Entry(
            @Nullable V value,
            Life life,
            Set<String> tags,
            @Nullable String validator,
            Policy policy,
            int slot,
            long mark) {
        this.value = value;
        this.createdMs = life.createdMs();
        this.freshUntilMs = life.freshUntilMs();
        this.goneAtMs = life.goneAtMs();
        this.idleMs = policy.idle() == null ? NEVER : policy.idle().toMillis();
        this.tags = tags;
        this.validator = validator;
        this.slot = slot;
        this.mark = mark;
        this.readAtMs = createdMs;
        this.refreshAtMs = policy.refreshAhead() == 0
                ? NEVER
                : createdMs + (long) ((freshUntilMs - createdMs) * policy.refreshAhead());
        this.plainUntilMs = isKeptUnread() ? Math.min(freshUntilMs, refreshAtMs) : 0;
    }

    /// When a value came, and until when it may be served.
    ///
    /// @param createdMs when the source gave it
    /// @param freshUntilMs until when it may be served to anyone
    /// @param goneAtMs until when it may be served for want of better
    record Life(long createdMs, long freshUntilMs, long goneAtMs) {
        /// The same in a tier that serves it for a limited time from now on.
        Life limited(long nowMs, long ttlMs) {
            long freshMs = Math.min(freshUntilMs, nowMs + ttlMs);
            return new Life(createdMs, freshMs, goneAtMs);
        }

        /// The same, fresh no more.
        Life expired(long nowMs) {
            return new Life(createdMs, Math.min(freshUntilMs, nowMs), goneAtMs);
        }
    }

    Life life() {
        return new Life(createdMs, freshUntilMs, goneAtMs);
    }

    /// Whether it may be served with nothing else to do. If not, ask the other questions.
    boolean isPlain(long nowMs, Timeline timeline) {
        return nowMs < plainUntilMs && timeline.isPlainlyCurrent(mark);
    }

    boolean isFresh(long nowMs, Timeline timeline) {
        return nowMs < freshUntilMs && timeline.isCurrent(slot, mark, tags);
    }

    /// Whether it stays in memory however long nobody reads it.
    boolean isKeptUnread() {
        return idleMs == NEVER;
    }

    boolean isIdle(long nowMs) {
        return idleMs != NEVER && nowMs - readAtMs >= idleMs;
    }

    void read(long nowMs) {
        readAtMs = nowMs;
    }

    /// Whether it is of no use to anyone any more.
    boolean isGone(long nowMs) {
        return nowMs >= goneAtMs || isIdle(nowMs);
    }

    /// Whether it may be served for want of better.
    boolean isUsable(long nowMs, Timeline timeline) {
        return nowMs < goneAtMs && timeline.isAlive(slot, mark, tags);
    }

    boolean isDueForRefresh(long nowMs) {
        return nowMs >= refreshAtMs;
    }

    boolean isLeftAlone(long nowMs) {
        return nowMs < retryAtMs;
    }

    /// A load failed: neither refreshing nor loading is tried before this.
    void leaveAloneUntil(long atMs) {
        retryAtMs = atMs;
        if (refreshAtMs != NEVER) {
            refreshAtMs = atMs;
        }
    }
}
