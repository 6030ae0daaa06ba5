package io.nuthatch.cache;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A value in memory, or the knowledge that there is none, and what decides whether it may be served.
///
/// A plain hit looks at the fields of the entry itself. What the other questions need is in its [Terms], an object
/// of its own, so that what a hit touches lies in one line of the processor's cache: waiting for memory is most of
/// what a hit costs.
///
/// Immutable but for what readers leave, until when it is plain and when it was last read, and for two deadlines
/// that a failed load pushes back; when two threads do that at once, either may win.
final class Entry<V> {
    private static final long NEVER = Long.MAX_VALUE;

    /// Null when the source has no value.
    final @Nullable V value;

    /// See [Timeline].
    final long mark;

    /// Until then a read has to do nothing but to serve it: it is fresh, not to be refreshed, and whoever minds
    /// that it is read has just heard of it.
    private long plainUntilMs;

    private final Terms terms;

    Entry(
            @Nullable V value,
            Life life,
            Set<String> tags,
            @Nullable String validator,
            Policy policy,
            int slot,
            long mark) {
        this.value = value;
        this.mark = mark;
        this.terms = new Terms(life, tags, validator, policy, slot);
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

    /// On what terms a value is kept.
    private static final class Terms {
        final long createdMs;
        final long freshUntilMs;
        final long goneAtMs;
        final Set<String> tags;
        final @Nullable String validator;
        final Policy policy;
        final int slot;

        /// When it was last read, as far as that was told.
        long readAtMs;
        /// A read after this reloads it in the background.
        volatile long refreshAtMs;
        /// The source is left alone until then.
        volatile long retryAtMs;

        Terms(Life life, Set<String> tags, @Nullable String validator, Policy policy, int slot) {
            this.createdMs = life.createdMs();
            this.freshUntilMs = life.freshUntilMs();
            this.goneAtMs = life.goneAtMs();
            this.tags = tags;
            this.validator = validator;
            this.policy = policy;
            this.slot = slot;
            this.readAtMs = createdMs;
            this.refreshAtMs = policy.refreshAhead() == 0
                    ? NEVER
                    : createdMs + (long) ((freshUntilMs - createdMs) * policy.refreshAhead());
        }
    }

    /// The same value on other terms.
    Entry<V> with(Life life, Policy policy, long newMark) {
        return new Entry<>(value, life, terms.tags, terms.validator, policy, terms.slot, newMark);
    }

    Life life() {
        return new Life(terms.createdMs, terms.freshUntilMs, terms.goneAtMs);
    }

    long createdMs() {
        return terms.createdMs;
    }

    long freshUntilMs() {
        return terms.freshUntilMs;
    }

    Set<String> tags() {
        return terms.tags;
    }

    @Nullable
    String validator() {
        return terms.validator;
    }

    /// Whether it would be gone before anyone could read it.
    boolean isStillborn() {
        return terms.goneAtMs <= terms.createdMs;
    }

    /// Whether it may outlive its freshness.
    boolean maySurvive() {
        return terms.goneAtMs > terms.freshUntilMs;
    }

    /// Whether it may be served with nothing else to do. If not, ask the other questions.
    boolean isPlain(long nowMs, Timeline timeline) {
        return nowMs < plainUntilMs && timeline.isPlainlyCurrent(mark);
    }

    boolean isFresh(long nowMs, Timeline timeline) {
        return nowMs < terms.freshUntilMs && isCurrent(timeline);
    }

    /// Whether nothing has happened to it, and it would have been told.
    boolean isCurrent(Timeline timeline) {
        return timeline.isCurrent(terms.slot, mark, terms.tags);
    }

    /// Whether nothing is known to have happened to it.
    boolean isAlive(Timeline timeline) {
        return timeline.isAlive(terms.slot, mark, terms.tags);
    }

    /// Whether it stays in memory however long nobody reads it.
    boolean isKeptUnread() {
        return terms.policy.idle() == null;
    }

    boolean isIdle(long nowMs) {
        return terms.policy.idle() != null
                && nowMs - terms.readAtMs >= terms.policy.idle().toMillis();
    }

    /// It is read, as everyone who minds hears.
    ///
    /// @param againMs who bounds the number of entries need not hear of it again until then
    void read(long nowMs, long againMs) {
        terms.readAtMs = nowMs;
        if (isKeptUnread()) {
            plainUntilMs = Math.min(againMs, Math.min(terms.freshUntilMs, terms.refreshAtMs));
        }
    }

    /// Whether it is of no use to anyone any more.
    boolean isGone(long nowMs) {
        return nowMs >= terms.goneAtMs || isIdle(nowMs);
    }

    /// Whether it may be served for want of better.
    boolean isUsable(long nowMs, Timeline timeline) {
        return nowMs < terms.goneAtMs && isAlive(timeline);
    }

    boolean isDueForRefresh(long nowMs) {
        return nowMs >= terms.refreshAtMs;
    }

    boolean isLeftAlone(long nowMs) {
        return nowMs < terms.retryAtMs;
    }

    /// A load failed: neither refreshing nor loading is tried before this.
    void leaveAloneUntil(long atMs) {
        terms.retryAtMs = atMs;
        if (terms.refreshAtMs != NEVER) {
            terms.refreshAtMs = atMs;
        }
    }
}
