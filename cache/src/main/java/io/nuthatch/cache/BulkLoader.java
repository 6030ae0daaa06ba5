package io.nuthatch.cache;

import java.util.Map;
import java.util.Set;

/// A source that answers for many keys at once; used by `getAll` and `warm`.
///
/// @param <K> the keys
/// @param <V> the values
@FunctionalInterface
public interface BulkLoader<K, V> {
    /// The values of the keys. What is left out has none.
    Map<K, V> loadAll(Set<K> keys) throws Exception;
}
