package io.nuthatch.cache;

import java.util.List;

/// Takes changes to a store at once: who writes waits for the database.
record WriteThrough<K, V>(Store<K, V> store) implements Writer<K, V> {
    @Override
    public void write(List<Change<K, V>> changes) throws Exception {
        store.write(changes);
    }

    @Override
    public void close() {
        store.close();
    }
}
