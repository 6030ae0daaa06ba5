package io.nuthatch.cache.jcache;

import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Locks by key, so that what compares and then sets, loads and then keeps, or writes and then tells, is one step.
///
/// There is a lock for each hash of a key, and only while somebody wants it. Stripes would not do: loaders,
/// writers and listeners run under the lock and may use the cache for other keys, and two of them could wait for
/// each other's stripe. Many keys are locked in the order of their hashes.
final class KeyLocks {
    private final ConcurrentHashMap<Integer, Held> locks = new ConcurrentHashMap<>();

    /// A lock and how many hold it or wait for it; the number changes under the map's own lock.
    private static final class Held extends ReentrantLock {
        int users;
    }

    /// What has been locked, to be unlocked.
    interface Guard extends AutoCloseable {
        @Override
        void close();
    }

    /// Waits until nobody else has the key.
    Guard lock(Object key) {
        int hash = key.hashCode();
        take(hash);
        return () -> release(hash);
    }

    /// Waits until nobody else has any of the keys.
    Guard lockAll(Collection<?> keys) {
        int[] hashes =
                keys.stream().mapToInt(Object::hashCode).sorted().distinct().toArray();
        for (int hash : hashes) {
            take(hash);
        }
        return () -> {
            for (int hash : hashes) {
                release(hash);
            }
        };
    }

    private void take(int hash) {
        Held held = Objects.requireNonNull(locks.compute(hash, (same, known) -> {
            Held one = known == null ? new Held() : known;
            one.users++;
            return one;
        }));
        held.lock();
    }

    private void release(int hash) {
        locks.compute(hash, (same, held) -> {
            if (held == null) {
                throw new IllegalStateException("not locked: hash=" + hash);
            }
            held.unlock();
            held.users--;
            return held.users == 0 ? null : held;
        });
    }
}
