package io.nuthatch.store;

import io.nuthatch.memory.Lease;

/// What holds a large collection together. It lives on the Java heap, its elements never do; the record of its key
/// has its number among the [Roots] of the shard.
///
/// All of a root's memory is of one [Lease], so that it follows its key to another shard without a copy.
///
/// Locks: that of the shard whose it is.
abstract class Root {
    final Lease lease;

    Root(Lease lease) {
        this.lease = lease;
    }

    /// Frees up to about `most` elements of a collection that no key has any more, and in the end everything.
    ///
    /// @return whether nothing is left
    abstract boolean drain(int most);

    /// A copy of the collection, for another key.
    ///
    /// @param lease for the copy's memory
    abstract Root copy(Lease lease);
}
