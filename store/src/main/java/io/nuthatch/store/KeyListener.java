package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.List;
import java.util.function.Predicate;

/// Is told of everything that happens to keys. All that follows changes hangs here: WATCH, blocked clients, client
/// tracking, keyspace notifications.
///
/// Locks: called with the key's shard locked, by the thread that holds it. So calls for one key come one after
/// another in the order of its changes; and a listener must be quick, and must not enter the store.
public interface KeyListener {
    /// Hears nothing.
    KeyListener NONE = new KeyListener() {
        @Override
        public void happened(int shard, int db, Bytes key, KeyEvent event) {}

        @Override
        public void replaced(int shard, int db, Predicate<Bytes> concerns) {}
    };

    /// Something has happened to a key.
    ///
    /// @param key valid during the call
    void happened(int shard, int db, Bytes key, KeyEvent event);

    /// Whether it wants to know which fields of hashes change. It may change its mind at any time.
    default boolean wantsFields() {
        return false;
    }

    /// What has just happened to a hash concerned these fields, in this order; one may stand there twice.
    ///
    /// @param key valid during the call
    default void concerned(int db, Bytes key, KeyEvent event, List<byte[]> fields) {}

    /// All keys of a database in a shard are about to be replaced, by none or by others: FLUSHDB, SWAPDB.
    ///
    /// @param concerns whether a key was there before, or will be; valid during the call
    void replaced(int shard, int db, Predicate<Bytes> concerns);

    /// Whole databases are about to be replaced: FLUSHALL, FLUSHDB, SWAPDB. Told once, with all shards locked, even if
    /// there is no key in them.
    default void databasesReplaced() {}
}
