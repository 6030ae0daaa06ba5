package io.nuthatch.engine;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Who wants to hear of all keys with a prefix, and what there is to be told of: CLIENT TRACKING BCAST.
///
/// The keys that change in one turn of an event loop are told of together, in one message for each prefix, the last
/// change to a key counting. Elsewhere each change is a message.
final class Broadcasts {
    private final Prefixes<Set<Session>> listeners = new Prefixes<>();

    /// What a worker's turn has changed so far: for each prefix the keys, with who has changed them last.
    ///
    /// Thread: the worker's.
    static final class Pending {
        private final Map<ByteString, TreeMap<ByteString, Change>> byPrefix = new TreeMap<>();

        boolean isEmpty() {
            return byPrefix.isEmpty();
        }
    }

    /// @param by null if no client has done it
    private record Change(@Nullable Session by) {}

    /// Sends a client what has changed.
    interface Sender {
        void send(Session listener, Set<ByteString> keys);
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    /// How many prefixes anyone listens for.
    int prefixes() {
        return listeners.size();
    }

    void add(ByteString prefix, Session session) {
        synchronized (listeners) {
            listeners.getOrAdd(prefix, ConcurrentHashMap::newKeySet).add(session);
        }
    }

    void remove(ByteString prefix, Session session) {
        synchronized (listeners) {
            Set<Session> left = listeners.getOrAdd(prefix, ConcurrentHashMap::newKeySet);
            left.remove(session);
            if (left.isEmpty()) {
                listeners.remove(prefix);
            }
        }
    }

    /// Notes a change to a key.
    ///
    /// @return whether anyone listens
    boolean note(ByteString key, @Nullable Session by, Pending pending) {
        listeners.forEachOf(
                key,
                (prefix, any) -> pending.byPrefix
                        .computeIfAbsent(prefix, each -> new TreeMap<>())
                        .put(key, new Change(by)));
        return !pending.isEmpty();
    }

    /// Sends what is pending to all who listen.
    void send(Pending pending, Sender sender) {
        pending.byPrefix.forEach((prefix, changes) -> {
            Set<Session> all = listeners.get(prefix);
            if (all != null) {
                all.forEach(listener -> send(changes, listener, sender));
            }
        });
        pending.byPrefix.clear();
    }

    private static void send(TreeMap<ByteString, Change> changes, Session listener, Sender sender) {
        Tracker tracker = listener.tracker();
        if (tracker == null) {
            return;
        }
        Set<ByteString> keys = changes.keySet();
        if (tracker.isNoLoop()) {
            TreeMap<ByteString, Change> others = new TreeMap<>(changes);
            others.values().removeIf(change -> change.by() == listener);
            keys = others.keySet();
        }
        if (!keys.isEmpty()) {
            sender.send(listener, keys);
        }
    }
}
