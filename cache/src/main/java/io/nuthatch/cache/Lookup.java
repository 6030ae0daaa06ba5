package io.nuthatch.cache;

import java.time.Duration;

/// What a cache holds for a key, without asking the source.
///
/// A value is never null here: that the source has none is a [Negative], which is knowledge, and that nothing is
/// known is a [Miss].
///
/// @param <V> the values
public sealed interface Lookup<V> {
    /// A fresh value.
    ///
    /// @param tier where it was found
    /// @param age since it came from the source
    /// @param ttlLeft for how long it stays fresh
    record Hit<V>(V value, String tier, Duration age, Duration ttlLeft) implements Lookup<V> {}

    /// A value past its ttl, kept for the time when the source fails or is slow.
    ///
    /// @param tier where it was found
    /// @param age since it came from the source
    record Stale<V>(V value, String tier, Duration age) implements Lookup<V> {}

    /// The source was asked and has no value.
    ///
    /// @param tier where that was found
    /// @param age since the source was asked
    /// @param ttlLeft for how long it is taken as true
    record Negative<V>(String tier, Duration age, Duration ttlLeft) implements Lookup<V> {}

    /// Nothing is known.
    record Miss<V>() implements Lookup<V> {}
}
