package io.nuthatch.cache.jcache;

import io.nuthatch.cache.Cache;
import io.nuthatch.cache.Lookup;
import io.nuthatch.cache.Policy;
import io.nuthatch.cache.jcache.Expiry.Term;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The entries of a JCache cache in the tiers, and the steps from one state of an entry to the next: each asks the
/// expiry policy and tells the listeners.
///
/// ```
///              create              update
///   absent ─────────────> present ────────┐      access: another term, or none
///     ^                    │   ^──────────┘      remove, expire: absent again
///     └────────────────────┘
/// ```
///
/// Whoever changes an entry has its key locked. Keys and values are those that the tiers hold: they are copied on
/// the way in and out by [JCache].
record HeldEntries<K, V>(Cache<K, V> tiers, Expiry expiry, Listeners<K, V> listeners) {
    /// The value, as a reader gets it.
    @Nullable
    V get(K key) {
        return tiers.get(key);
    }

    /// The value, without counting as a reading.
    @Nullable
    V peek(K key) {
        return tiers.lookup(key) instanceof Lookup.Hit<V> hit ? hit.value() : null;
    }

    /// The entries in memory.
    Iterator<Map.Entry<K, V>> entries() {
        return tiers.entries().iterator();
    }

    /// An entry comes to be, unless its time is over at once. Returns whether it does.
    boolean create(K key, V value) {
        return switch (expiry.ofCreation()) {
            case Term.Over _, Term.Same _ -> false;
            case Term.For term -> {
                put(key, value, term.policy());
                listeners.created(key, value);
                yield true;
            }
        };
    }

    /// An entry gets another value.
    void update(K key, V value, V old) {
        switch (expiry.ofUpdate()) {
            case Term.Over _ -> {
                tiers.remove(key);
                listeners.updated(key, value, old);
                listeners.expired(key, value);
            }
            case Term.Same _ -> {
                put(key, value, remaining(key));
                listeners.updated(key, value, old);
            }
            case Term.For term -> {
                put(key, value, term.policy());
                listeners.updated(key, value, old);
            }
        }
    }

    private Policy remaining(K key) {
        return tiers.lookup(key) instanceof Lookup.Hit<V> hit && hit.ttlLeft().toMillis() > 0
                ? Policy.ofTtl(hit.ttlLeft())
                : Expiry.ETERNAL;
    }

    private void put(K key, V value, Policy policy) {
        if (policy == Expiry.ETERNAL) {
            tiers.put(key, value);
        } else {
            tiers.with(policy).put(key, value);
        }
    }

    /// Somebody has read an entry.
    void access(K key, V value) {
        switch (expiry.ofAccess()) {
            case Term.Same _ -> {}
            case Term.For term -> tiers.with(term.policy()).touch(key);
            case Term.Over _ -> {
                tiers.remove(key);
                listeners.expired(key, value);
            }
        }
    }

    /// An entry ends because somebody wants it to.
    void remove(K key, V old) {
        tiers.remove(key);
        listeners.removed(key, old);
    }
}
