package io.nuthatch.cache;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where values live for good: a table of a database. A cache reads through it and writes through it, at once or,
/// with write-behind, in batches.
///
/// Called by many threads. The cache that was built with a store closes it.
///
/// @param <K> the keys
/// @param <V> the values
public interface Store<K, V> extends AutoCloseable {
    /// The value of a key; null when there is none.
    @Nullable
    V find(K key) throws Exception;

    /// The values of many keys. What is left out has none.
    Map<K, V> findAll(Set<K> keys) throws Exception;

    /// Makes changes, in their order, all of them or none, and returns when they are safe. Their newness is the
    /// moment of the call: whatever was there, however it came, is older.
    void write(List<Change<K, V>> changes) throws Exception;

    /// Makes the changes of a batch and notes its last number as the journal's mark, in one transaction. When the
    /// mark is there already, the batch has been made before and nothing is done. A row that has a greater version
    /// than a change stays as it is.
    void apply(Batch<K, V> batch) throws Exception;

    /// Keeps a batch where somebody can look at it, instead of making its changes, and notes the mark, in one
    /// transaction; does nothing when the mark is there already.
    void giveUp(Batch<K, V> batch, String reason) throws Exception;

    /// The last number of a journal that was applied or given up; 0 when there is none.
    long mark(String journal) throws Exception;

    /// Whether a failure is the changes' own fault, so that trying again is of no use: a constraint, a value that
    /// does not fit. All others are taken for the store's state, which passes.
    boolean refuses(Exception failure);

    @Override
    void close();
}
