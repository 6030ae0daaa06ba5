package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Who watches which keys: WATCH. A change to a watched key spoils the next EXEC of all its watchers.
///
/// Locks: a shard's part is guarded by the shard's lock.
final class Watches {
    private final KeyNames names;
    private final List<Map<KeyName, Set<Watcher>>> shards = new ArrayList<>(Keyspace.SHARDS);

    Watches(KeyNames names) {
        this.names = names;
        for (int i = 0; i < Keyspace.SHARDS; i++) {
            shards.add(new HashMap<>());
        }
    }

    /// What one client watches.
    ///
    /// Threads: the client's own, but for `spoiled`, which any thread sets that holds the lock of a watched key.
    static final class Watcher {
        private final Set<Watched> keys = new LinkedHashSet<>();
        private long nameBytes;
        private volatile boolean spoiled;

        int count() {
            return keys.size();
        }

        /// The shards of all watched keys.
        long shards() {
            long shards = 0;
            for (Watched each : keys) {
                shards |= 1L << each.shard();
            }
            return shards;
        }
    }

    private record Watched(KeyName name, int shard) {}

    /// Begins to watch a key, whose shard is locked.
    void add(Watcher watcher, int db, Bytes key, int shard) {
        names.take(key);
        KeyName name = new KeyName(db, key);
        if (!watcher.keys.add(new Watched(name, shard))) {
            names.giveBack(KeyNames.bytes(key));
            return;
        }
        watcher.nameBytes += KeyNames.bytes(key);
        shards.get(shard).computeIfAbsent(name, any -> new LinkedHashSet<>()).add(watcher);
    }

    /// Whether a watched key has changed, or its time has come. All its shards are locked.
    boolean isSpoiled(Watcher watcher, Tx tx) {
        for (Watched each : watcher.keys) {
            // Looking for it removes it when its time has come, which spoils the transaction.
            try (Scratch key = Scratch.of(each.name().key())) {
                tx.find(key.bytes(), each.name().db());
            }
        }
        return watcher.spoiled;
    }

    /// Watches nothing any more. All shards of the watched keys are locked.
    void clear(Watcher watcher) {
        for (Watched each : watcher.keys) {
            Map<KeyName, Set<Watcher>> shard = shards.get(each.shard());
            shard.computeIfPresent(each.name(), (name, watchers) -> {
                watchers.remove(watcher);
                return watchers.isEmpty() ? null : watchers;
            });
        }
        watcher.keys.clear();
        names.giveBack(watcher.nameBytes);
        watcher.nameBytes = 0;
        watcher.spoiled = false;
    }

    /// A key has changed.
    void changed(int shard, int db, Bytes key) {
        Map<KeyName, Set<Watcher>> watched = shards.get(shard);
        if (!watched.isEmpty() && KeyNames.canName(key)) {
            spoil(watched.getOrDefault(new KeyName(db, key), Set.of()));
        }
    }

    /// All keys of a database have changed, in one shard.
    ///
    /// @param concerns whether a key was there before, or is now
    void replaced(int shard, int db, Predicate<Bytes> concerns) {
        shards.get(shard).forEach((name, watchers) -> {
            if (name.db() == db) {
                try (Scratch key = Scratch.of(name.key())) {
                    if (concerns.test(key.bytes())) {
                        spoil(watchers);
                    }
                }
            }
        });
    }

    private static void spoil(Set<Watcher> watchers) {
        for (Watcher each : watchers) {
            each.spoiled = true;
        }
    }
}
