package io.nuthatch.store;

import io.nuthatch.memory.Lease;

/// A large set: its members, found by the index.
///
/// Locks: the shard's.
final class SetRoot extends Root {
    final Members members;
    private final long seed;

    SetRoot(Lease lease, long seed) {
        super(lease);
        this.seed = seed;
        members = new Members(lease, seed);
    }

    @Override
    long elements() {
        return members.size();
    }

    @Override
    Division newDivision(Shard shard) {
        return new MembersDivision(this, members, shard);
    }

    @Override
    boolean drain(int most) {
        return members.drain(most);
    }

    @Override
    Root copy(Lease copyLease) {
        SetRoot copy = new SetRoot(copyLease, seed);
        copy.members.addAll(members, member -> {});
        return copy;
    }
}
