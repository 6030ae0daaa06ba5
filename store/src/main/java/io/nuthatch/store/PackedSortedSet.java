package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;

/// A small sorted set: one listpack in the record, each member with its score behind it, in the order of scores, of
/// members where scores are equal.
///
/// ```
///   record ─► [ member │ score │ member │ score │ … ]
///               ↑ offset
/// ```
/// A score is an integer entry, or the text that reads back as the same number: the bytes are Redis's.
///
/// Places are found by halving: the way to the middle is walked, but only one member in each half is looked at.
///
/// Locks: the shard's.
final class PackedSortedSet {
    private static final int ENTRIES_EACH = 2;

    private final Entry entry;
    private final Place.Own place = new Place.Own();
    private final Bytes window = new Bytes();
    private final Bytes scoreWindow = new Bytes();
    private final long scoreText = Memory.allocateForever(Numbers.MAX_DOUBLE_BYTES);

    /// Where [#seek] and [#find] have gone: a member, or the end.
    private int offset;

    PackedSortedSet(Entry entry) {
        this.entry = entry;
    }

    private long block() {
        return Payload.address(entry.at);
    }

    int count() {
        return Listpack.count(block()) / ENTRIES_EACH;
    }

    // ---------------------------------------------------------------------------------------------- going about

    /// Goes to a member. Returns whether it is there.
    boolean find(Bytes member) {
        long block = block();
        offset = Listpack.find(block, Listpack.FIRST, member, 1);
        return Listpack.has(block, offset);
    }

    /// The rank of a member, -1 if it is not there.
    int rank(Bytes member) {
        long block = block();
        int rank = 0;
        for (offset = Listpack.FIRST; Listpack.has(block, offset); offset = next(block)) {
            if (Listpack.equal(block, offset, member)) {
                return rank;
            }
            rank++;
        }
        return -1;
    }

    private int next(long block) {
        return Listpack.next(block, Listpack.next(block, offset));
    }

    /// Goes to the first member that does not stand before a place. Returns its rank.
    int seek(Place sought) {
        long block = block();
        int rank = 0;
        int left = count();
        offset = Listpack.FIRST;
        while (left > 0) {
            int half = left / 2;
            int from = offset;
            offset = Listpack.skip(block, offset, half * ENTRIES_EACH);
            Listpack.read(block, offset, window, entry.digits);
            if (sought.isAfter(score(), window.address(), window.length())) {
                offset = next(block);
                rank += half + 1;
                left -= half + 1;
            } else {
                offset = from;
                left = half;
            }
        }
        return rank;
    }

    /// Goes to the member of a rank. Returns whether there is one, as these do.
    boolean seek(long rank) {
        long block = block();
        offset = Listpack.seek(block, (int) Math.min(rank * ENTRIES_EACH, Integer.MAX_VALUE));
        return Listpack.has(block, offset);
    }

    boolean next() {
        long block = block();
        offset = next(block);
        return Listpack.has(block, offset);
    }

    boolean previous() {
        long block = block();
        int score = Listpack.previous(block, offset);
        offset = score == 0 ? 0 : Listpack.previous(block, score);
        return offset != 0;
    }

    // ---------------------------------------------------------------------------------------------- reading

    /// Moves a window to the member here, valid until another one is read.
    Bytes read(Bytes member) {
        return Listpack.read(block(), offset, member, entry.digits);
    }

    double score() {
        long block = block();
        int at = Listpack.next(block, offset);
        if (Listpack.isInteger(block, at)) {
            return Listpack.integer(block, at);
        }
        Listpack.read(block, at, scoreWindow, scoreText);
        return Numbers.parseDouble(scoreWindow.address(), scoreWindow.length());
    }

    // ---------------------------------------------------------------------------------------------- changing

    /// Adds a member that is not there.
    void add(Bytes member, double score) {
        seek(place.set(score, member));
        insertHere(member, score);
    }

    /// Adds a member that comes after all others.
    void append(Bytes member, double score) {
        offset = Listpack.end(block());
        insertHere(member, score);
    }

    private void insertHere(Bytes member, double score) {
        // -0 becomes 0 in a listpack, as in Redis: adding 0 does it.
        scoreWindow.set(scoreText, Numbers.write(score + 0.0, scoreText));
        int more = Listpack.entryBytes(member) + Listpack.entryBytes(scoreWindow);
        long block = Payload.resize(entry, Listpack.bytes(block()) + (long) more);
        Listpack.insert(block, offset, scoreWindow);
        Listpack.insert(block, offset, member);
    }

    /// Gives the member here another score. It may have to be moved for that.
    ///
    /// @param member its bytes, from outside the store
    void score(Bytes member, double score) {
        remove(1);
        add(member, score);
    }

    /// Takes out `count` members from the one here on.
    void remove(long count) {
        long block = block();
        Listpack.delete(block, offset, (int) Math.min(count * ENTRIES_EACH, Integer.MAX_VALUE));
        Payload.resize(entry, Listpack.bytes(block));
    }
}
