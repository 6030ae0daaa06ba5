package io.nuthatch.store;

import io.nuthatch.memory.Lease;
import org.jspecify.annotations.Nullable;

/// What holds a large collection together. It lives on the Java heap, its elements never do; the record of its key
/// has its number among the [Roots] of the shard.
///
/// All of a root's memory is of one [Lease], so that it follows its key to another shard without a copy.
///
/// Locks: that of the shard whose it is.
abstract class Root {
    final Lease lease;

    /// How it goes into a snapshot in pieces; null if it does not.
    @Nullable
    Division division;

    Root(Lease lease) {
        this.lease = lease;
    }

    /// Frees up to about `most` elements of a collection that no key has any more, and in the end everything.
    ///
    /// @return whether nothing is left
    abstract boolean drain(int most);

    /// Frees up to about `most` of what has been taken out of the collection and not been freed yet.
    ///
    /// @return whether nothing is left of that
    boolean clear(int most) {
        return true;
    }

    /// How many elements there are.
    abstract long elements();

    /// Has it go into a snapshot in pieces.
    final Division divide(Shard shard) {
        Division begun = newDivision(shard);
        division = begun;
        return begun;
    }

    abstract Division newDivision(Shard shard);

    /// A copy of the collection, for another key.
    ///
    /// @param lease for the copy's memory
    abstract Root copy(Lease lease);
}
