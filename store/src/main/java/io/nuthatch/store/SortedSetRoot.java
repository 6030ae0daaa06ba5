package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import java.util.function.LongConsumer;

/// A large sorted set: its [Members], and a [CountedTree] of the same blocks in the order of scores, of members where
/// scores are equal. What Redis calls a skiplist.
///
/// ```
///   members   index ─► [ score │ member ]  [ score │ member ]  …
///                        ↑                   ↑
///   order     tree  ─────┴───────────────────┘
/// ```
/// Locks: the shard's.
final class SortedSetRoot extends Root {
    final Members members;
    final CountedTree order;
    private final long seed;
    private final Place.Own place = new Place.Own();

    SortedSetRoot(Lease lease, long seed) {
        super(lease);
        this.seed = seed;
        members = new Members(lease, seed);
        order = new CountedTree(lease);
    }

    long size() {
        return members.size();
    }

    /// The score of a member; NaN if it is not there.
    double score(Bytes member) {
        long at = members.find(member);
        return at == 0 ? Double.NaN : Member.score(at);
    }

    /// Adds a member that is not there.
    void add(Bytes member, double score) {
        order.insert(place.set(score, member), addUnordered(member, score), 1);
    }

    /// Adds a member that comes after all others.
    void append(Bytes member, double score) {
        order.append(addUnordered(member, score), 1);
    }

    /// Adds a member to the index only; [#putInOrder] must follow.
    long addUnordered(Bytes member, double score) {
        long at = members.add(member, Member.SCORE, 0);
        Member.score(at, score);
        return at;
    }

    /// Makes the order of members that have been added without one.
    void putInOrder() {
        inOrder().forEach(at -> order.append(at, 1));
    }

    /// The members, which need not have an order yet.
    ScoreOrder inOrder() {
        ScoreOrder sorted = new ScoreOrder(Math.toIntExact(size()));
        members.forEach(sorted::add);
        return sorted;
    }

    /// Gives a member that is there another score.
    void score(Bytes member, double score) {
        long at = members.find(member);
        members.keep(at);
        CountedTree.Cursor cursor = order.cursor();
        cursor.seek(place.set(at));
        if (staysWith(cursor, score, member)) {
            Member.score(at, score);
            return;
        }
        cursor.remove();
        Member.score(at, score);
        order.insert(place, at, 1);
    }

    /// Whether the member under the cursor has the same neighbours with its new score.
    private boolean staysWith(CountedTree.Cursor cursor, double score, Bytes member) {
        place.set(score, member);
        boolean stays = !cursor.next() || !place.precedes(cursor.block());
        cursor.previous();
        if (stays && cursor.previous()) {
            stays = place.precedes(cursor.block());
            cursor.next();
        }
        return stays;
    }

    /// Takes a member out. Returns whether it was there.
    boolean remove(Bytes member) {
        long at = members.find(member);
        if (at == 0) {
            return false;
        }
        order.cursor().seek(place.set(at));
        order.cursor().remove();
        members.remove(at);
        return true;
    }

    /// Takes out `count` members from a rank on.
    void remove(long rank, long count) {
        if (order.cursor().seek(rank) >= 0) {
            order.cursor().remove(count, members::remove);
        }
    }

    /// The rank of a member, -1 if it is not there.
    long rank(Bytes member) {
        long at = members.find(member);
        return at == 0 ? -1 : order.rank(place.set(at));
    }

    long rank(Place sought) {
        return order.rank(at -> sought.isAfter(Member.score(at), Member.address(at), Member.length(at)));
    }

    /// Visits the blocks of up to `count` members, from a rank on.
    void forEach(long rank, long count, LongConsumer visit) {
        CountedTree.Cursor cursor = order.cursor();
        boolean there = cursor.seek(rank) >= 0;
        for (long left = count; there && left > 0; left--) {
            visit.accept(cursor.block());
            there = cursor.next();
        }
    }

    /// The same, backwards.
    void forEachBackwards(long rank, long count, LongConsumer visit) {
        CountedTree.Cursor cursor = order.cursor();
        boolean there = cursor.seek(rank) >= 0;
        for (long left = count; there && left > 0; left--) {
            visit.accept(cursor.block());
            there = cursor.previous();
        }
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
        return order.drain(most, at -> {}) && members.drain(most);
    }

    @Override
    Root copy(Lease copyLease) {
        SortedSetRoot copy = new SortedSetRoot(copyLease, seed);
        Bytes member = new Bytes();
        forEach(0, size(), at -> copy.append(Member.read(at, member), Member.score(at)));
        return copy;
    }
}
