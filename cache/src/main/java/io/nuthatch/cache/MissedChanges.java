package io.nuthatch.cache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// What could not be told to a tier while it was away: until it has been, the tier is not believed about those
/// keys.
///
/// A missed write is kept as a missed removal: the value will be loaded again. Too many of them become one:
/// everything.
final class MissedChanges {
    /// Keys remembered one by one; beyond it the whole tier is cleared when it comes back.
    static final int MAX_KEYS = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock repairing = new ReentrantLock();

    /// Whether nothing was missed; written under the lock.
    private volatile boolean empty = true;
    /// Under the lock.
    private Missed missed = Missed.nothing();
    /// What the tier is being told at this moment. Under the lock.
    private Missed telling = Missed.nothing();

    /// Changes that a tier has to make up for.
    record Missed(Set<String> keys, Set<String> tags, boolean everything) {
        static Missed nothing() {
            return new Missed(new HashSet<>(), new HashSet<>(), false);
        }

        boolean touchesAnyKey() {
            return everything || !tags.isEmpty();
        }

        boolean isNothing() {
            return !everything && keys.isEmpty() && tags.isEmpty();
        }
    }

    boolean isEmpty() {
        return empty;
    }

    void key(String key) {
        add(new Missed(Set.of(key), Set.of(), false));
    }

    void tag(String tag) {
        add(new Missed(Set.of(), Set.of(tag), false));
    }

    void everything() {
        add(new Missed(Set.of(), Set.of(), true));
    }

    private void add(Missed more) {
        lock.lock();
        try {
            missed.keys().addAll(more.keys());
            missed.tags().addAll(more.tags());
            boolean all = missed.everything()
                    || more.everything()
                    || missed.keys().size() + missed.tags().size() > MAX_KEYS;
            if (all) {
                missed = new Missed(new HashSet<>(), new HashSet<>(), true);
            }
            empty = false;
        } finally {
            lock.unlock();
        }
    }

    /// The keys about which the tier may be believed. A missed tag may be on any of them.
    Collection<String> withoutMissed(Collection<String> keys) {
        lock.lock();
        try {
            if (missed.touchesAnyKey() || telling.touchesAnyKey()) {
                return List.of();
            }
            List<String> believed = new ArrayList<>(keys);
            believed.removeIf(
                    key -> missed.keys().contains(key) || telling.keys().contains(key));
            return believed;
        } finally {
            lock.unlock();
        }
    }

    /// Makes up for what was missed. Returns whether nothing is missing any more; false too while another thread
    /// is at it.
    boolean repair(Predicate<Missed> tell) {
        if (!repairing.tryLock()) {
            return false;
        }
        try {
            Missed taken = take();
            boolean told = false;
            try {
                told = taken.isNothing() || tell.test(taken);
            } finally {
                settle(told);
            }
            return empty;
        } finally {
            repairing.unlock();
        }
    }

    private Missed take() {
        lock.lock();
        try {
            telling = missed;
            missed = Missed.nothing();
            return telling;
        } finally {
            lock.unlock();
        }
    }

    private void settle(boolean told) {
        lock.lock();
        try {
            Missed untold = told ? Missed.nothing() : telling;
            telling = Missed.nothing();
            Missed newer = missed;
            missed = untold;
            if (!newer.isNothing()) {
                add(newer);
            }
            empty = missed.isNothing();
        } finally {
            lock.unlock();
        }
    }
}
