package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.random.RandomGenerator;

/// Sorted sets: a listpack in the record ([PackedSortedSet]), or an index and a tree ([SortedSetRoot]).
///
/// A sorted set becomes large when it has more members than `zset-max-listpack-entries` or one that is longer than
/// `zset-max-listpack-value`; it never becomes small again. An empty one is no key: who takes members out calls
/// [#settle].
///
/// A *rank* counts from the first member, which has 0. Every range is one of ranks: those by score or by member are
/// turned into it ([#rank(Entry, Place)]). Cost, for a large one: O(log n), and O(1) for each member visited.
///
/// Members that come in must not be the store's own bytes. Locks: the shard's, which the transaction holds.
public final class SortedSetValue {
    private SortedSetValue() {}

    /// Is shown members, each with its score. The window is valid until it returns.
    @FunctionalInterface
    public interface Visitor {
        void visit(Bytes member, double score);
    }

    private static SortedSetRoot root(Entry entry) {
        return (SortedSetRoot) entry.root();
    }

    public static long length(Entry entry) {
        return entry.isRoot() ? root(entry).size() : entry.sortedSet.count();
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        return entry.isRoot() ? "skiplist" : "listpack";
    }

    /// Gives a key that is not there an empty sorted set, to be added to at once.
    public static Entry create(Tx tx, Bytes key) {
        Entry entry = Payload.create(tx, key, Type.SORTED_SET, Listpack.EMPTY_BYTES);
        Listpack.create(Payload.address(entry.at));
        return entry;
    }

    // ---------------------------------------------------------------------------------------------- one member

    /// The score of a member; NaN, which no member has, if it is not there.
    public static double score(Entry entry, Bytes member) {
        if (entry.isRoot()) {
            return root(entry).score(member);
        }
        return entry.sortedSet.find(member) ? entry.sortedSet.score() : Double.NaN;
    }

    /// Adds a member that is not there.
    ///
    /// @param score not NaN
    public static void add(Entry entry, Bytes member, double score) {
        assert !Double.isNaN(score) : "a score is a number";
        if (!entry.isRoot() && !fits(entry, member)) {
            enlarge(entry);
        }
        if (entry.isRoot()) {
            root(entry).add(member, score);
        } else {
            entry.sortedSet.add(member, score);
        }
    }

    private static boolean fits(Entry entry, Bytes member) {
        StoreSettings settings = entry.tx.settings();
        return isSmall(settings, entry.sortedSet.count() + 1L, member.length())
                && Listpack.bytes(Payload.address(entry.at)) + 2L * member.length() < Listpack.MAX_BYTES;
    }

    /// Whether so many members, none of them longer than `longest`, are kept in a listpack.
    static boolean isSmall(StoreSettings settings, long count, long longest) {
        return count <= settings.sortedSetMaxListpackEntries && longest <= settings.sortedSetMaxListpackValue;
    }

    private static void enlarge(Entry entry) {
        SortedSetRoot root = new SortedSetRoot(entry.shard.lease(), entry.shard.keyspace.seed());
        forEach(entry, 0, Long.MAX_VALUE, root::append);
        entry.become(root);
    }

    /// Gives a member that is there another score.
    public static void score(Entry entry, Bytes member, double score) {
        assert !Double.isNaN(score) : "a score is a number";
        if (entry.isRoot()) {
            root(entry).score(member, score);
        } else if (entry.sortedSet.find(member)) {
            entry.sortedSet.score(member, score);
        }
    }

    /// Takes a member out; [#settle] must follow.
    ///
    /// @return whether it was there
    public static boolean remove(Entry entry, Bytes member) {
        if (entry.isRoot()) {
            return root(entry).remove(member);
        }
        boolean there = entry.sortedSet.find(member);
        if (there) {
            entry.sortedSet.remove(1);
        }
        return there;
    }

    /// The rank of a member, -1 if it is not there.
    public static long rank(Entry entry, Bytes member) {
        return entry.isRoot() ? root(entry).rank(member) : entry.sortedSet.rank(member);
    }

    // ---------------------------------------------------------------------------------------------- ranges

    /// How many members stand before a place.
    public static long rank(Entry entry, Place place) {
        return entry.isRoot() ? root(entry).rank(place) : entry.sortedSet.seek(place);
    }

    /// Visits up to `count` members, from a rank on, forwards.
    public static void forEach(Entry entry, long rank, long count, Visitor visitor) {
        Bytes member = new Bytes();
        if (entry.isRoot()) {
            root(entry).forEach(rank, count, at -> visitor.visit(Member.read(at, member), Member.score(at)));
            return;
        }
        PackedSortedSet packed = entry.sortedSet;
        boolean there = packed.seek(rank);
        for (long left = count; there && left > 0; left--) {
            visitor.visit(packed.read(member), packed.score());
            there = packed.next();
        }
    }

    /// The same, backwards.
    public static void forEachBackwards(Entry entry, long rank, long count, Visitor visitor) {
        Bytes member = new Bytes();
        if (entry.isRoot()) {
            root(entry).forEachBackwards(rank, count, at -> visitor.visit(Member.read(at, member), Member.score(at)));
            return;
        }
        PackedSortedSet packed = entry.sortedSet;
        boolean there = packed.seek(rank);
        for (long left = count; there && left > 0; left--) {
            visitor.visit(packed.read(member), packed.score());
            there = packed.previous();
        }
    }

    /// Takes out `count` members from a rank on; [#settle] must follow.
    public static void remove(Entry entry, long rank, long count) {
        if (entry.isRoot()) {
            root(entry).remove(rank, count);
        } else if (entry.sortedSet.seek(rank)) {
            entry.sortedSet.remove(count);
        }
    }

    /// After something was taken out: deletes the key if nothing is left.
    public static void settle(Entry entry) {
        if (length(entry) == 0) {
            entry.delete();
        }
    }

    /// Visits a member at random, each as likely as the others.
    public static void random(Entry entry, RandomGenerator random, Visitor visitor) {
        forEach(entry, random.nextLong(length(entry)), 1, visitor);
    }

    /// Visits some members that follow the cursor, which is 0 to begin with. A member that is there from the first call
    /// to the last is visited at least once. A small set is visited at once.
    ///
    /// @param most about how many members to visit
    /// @return where to go on, 0 when all have been visited
    public static long scan(Entry entry, long cursor, long most, Visitor visitor) {
        if (!entry.isRoot()) {
            forEach(entry, 0, Long.MAX_VALUE, visitor);
            return 0;
        }
        Bytes member = new Bytes();
        return root(entry).members.scan(cursor, most, at -> visitor.visit(Member.read(at, member), Member.score(at)));
    }
}
