package io.nuthatch.persistence;

import io.nuthatch.store.EvictionPolicy;

/// What an RDB file is like, as far as it can be chosen.
///
/// @param compresses strings: `rdbcompression`
/// @param checked ends with a checksum: `rdbchecksum`
/// @param forcedOnTheWay is forced to disk as it grows, so that the end is not one long wait:
///     `rdb-save-incremental-fsync`
/// @param policy says what is noted of the use of a key
/// @param purpose what the file is for
record RdbFormat(boolean compresses, boolean checked, boolean forcedOnTheWay, EvictionPolicy policy, Purpose purpose) {
    /// What a file is for; it says so itself.
    enum Purpose {
        SNAPSHOT,
        /// What a log of changes begins with.
        BASE_OF_LOG
    }
}
