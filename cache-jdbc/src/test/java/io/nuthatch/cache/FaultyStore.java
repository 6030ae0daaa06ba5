package io.nuthatch.cache;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A real store that can be taken away, and that remembers what it was given.
final class FaultyStore<K, V> implements Store<K, V> {
    enum Fault {
        NONE,
        /// Nothing reaches it.
        AWAY,
        /// What reaches it is made, and the answer is lost, once.
        ANSWER_LOST
    }

    final List<Batch<K, V>> batches = new CopyOnWriteArrayList<>();
    final AtomicInteger attempts = new AtomicInteger();
    volatile Fault fault = Fault.NONE;

    private final Store<K, V> store;

    FaultyStore(Store<K, V> store) {
        this.store = store;
    }

    private void reach() throws SQLException {
        attempts.incrementAndGet();
        if (fault == Fault.AWAY) {
            throw new SQLException("the database is away", "08006");
        }
    }

    private void answer() throws SQLException {
        if (fault == Fault.ANSWER_LOST) {
            fault = Fault.NONE;
            throw new SQLException("the connection was cut", "08006");
        }
    }

    @Override
    public V find(K key) throws Exception {
        reach();
        return store.find(key);
    }

    @Override
    public Map<K, V> findAll(Set<K> keys) throws Exception {
        reach();
        return store.findAll(keys);
    }

    @Override
    public void write(List<Change<K, V>> changes) throws Exception {
        reach();
        store.write(changes);
        answer();
    }

    @Override
    public void apply(Batch<K, V> batch) throws Exception {
        reach();
        store.apply(batch);
        batches.add(batch);
        answer();
    }

    @Override
    public void giveUp(Batch<K, V> batch, String reason) throws Exception {
        reach();
        store.giveUp(batch, reason);
        answer();
    }

    @Override
    public long mark(String journal) throws Exception {
        reach();
        return store.mark(journal);
    }

    @Override
    public boolean refuses(Exception failure) {
        return store.refuses(failure);
    }

    @Override
    public void close() {
        store.close();
    }
}
