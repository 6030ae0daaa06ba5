package io.nuthatch.cache;

import java.util.List;

/// Changes on their way from a journal to a [Store], at most one of each key.
///
/// @param journal whose numbers they carry
/// @param last the number up to which the journal is done when they are made; earlier changes of the same keys,
///     which these replace, are among what is done
/// @param changes in the order of their numbers
/// @param <K> the keys
/// @param <V> the values
public record Batch<K, V>(String journal, long last, List<Numbered<K, V>> changes) {
    /// A change and its place among others.
    ///
    /// @param number its place in the journal
    /// @param version microseconds since 1970 at which it was taken, and greater than that of any earlier change
    ///     of the journal
    /// @param change what is to be done
    public record Numbered<K, V>(long number, long version, Change<K, V> change) {}
}
