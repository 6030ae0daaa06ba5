package io.nuthatch.store;

import io.nuthatch.memory.Bytes;

/// The [Division] of a collection of [Members]: in whatever order the index has them, for it is of no matter. Each
/// member has a mark as records have: what differs from that of the collection is pending.
///
/// Locks: that of the shard whose the root is.
final class MembersDivision extends Division {
    private final Members members;
    private final long count;
    private final Bytes name = new Bytes();
    private final Bytes value = new Bytes();
    private long cursor;
    private boolean walked;
    private int handedOut;
    private long handedOutBytes;

    MembersDivision(Root root, Members members, Shard shard) {
        super(root, shard);
        this.members = members;
        this.count = members.size();
        members.mark ^= Member.MARK;
        members.division = this;
    }

    @Override
    long count() {
        return count;
    }

    /// A member is about to change, or to go.
    void keep(long at) {
        if (Member.mark(at) != members.mark) {
            Member.mark(at, members.mark);
            show(at, pieces());
            handedOut++;
        }
    }

    private void show(long at, Snapshot.Pieces to) {
        Member.read(at, name);
        handedOutBytes += name.length() + (long) Member.valueLength(at);
        if ((Member.parts(at) & Member.SCORE) != 0) {
            to.member(name, Member.score(at));
        } else if ((Member.parts(at) & Member.VALUE) != 0) {
            to.field(name, Member.value(at, value), Member.deadlineMs(at));
        } else {
            to.member(name);
        }
    }

    @Override
    boolean handOut(Snapshot.Pieces to) {
        handedOut = 0;
        handedOutBytes = 0;
        while (!walked && handedOut < SLICE_ELEMENTS && handedOutBytes < SLICE_BYTES) {
            cursor = members.index.scan(cursor, this::keep);
            walked = cursor == 0;
        }
        return !walked;
    }

    @Override
    void end() {
        members.division = null;
    }
}
