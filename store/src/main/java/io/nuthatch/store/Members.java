package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The elements of a large set, sorted set or hash, found by their bytes: an [Index] over [Member] blocks.
///
/// Members are named by the addresses of their blocks, which change only by [#reshape].
///
/// Locks: the owner's.
final class Members implements Index.Layout {
    /// For what the index itself does not offer: scanning, drawing at random.
    final Index index;

    /// [Member#MARK] or 0: what members have that no [Snapshot] waits for.
    int mark;

    /// How they go into a snapshot; null if they do not.
    @Nullable
    MembersDivision division;

    private final Lease lease;
    private final long seed;
    private final Bytes window = new Bytes();

    /// @param seed the keyspace's
    Members(Lease lease, long seed) {
        this.lease = lease;
        this.seed = seed;
        this.index = new Index(lease, this);
    }

    @Override
    public long hash(long member) {
        return Hash.of(Member.address(member), Member.length(member), seed);
    }

    @Override
    public boolean holds(long member, long address, int length) {
        return Member.length(member) == length && Memory.equal(Member.address(member), address, length);
    }

    long size() {
        return index.size();
    }

    /// The member of these bytes, or 0.
    long find(Bytes member) {
        return index.find(hash(member), member);
    }

    /// Adds a member that is not there; score, deadline and value are unwritten.
    ///
    /// @param parts [Member#SCORE], [Member#DEADLINE], [Member#VALUE]
    long add(Bytes member, int parts, int valueLength) {
        long at = lease.allocate(Member.blockBytes(parts, member.length(), valueLength));
        Member.write(at, parts | mark, member, valueLength);
        index.insert(hash(member), at);
        return at;
    }

    private long hash(Bytes member) {
        return Hash.of(member.address(), member.length(), seed);
    }

    /// Gives a member other parts, or a value of another length. What it has of them stays; a value of another
    /// length is unwritten.
    ///
    /// @return where it is now
    long reshape(long old, int parts, int valueLength) {
        keep(old);
        int oldBytes = Member.blockBytes(old);
        Member.read(old, window);
        long at = lease.allocate(Member.blockBytes(parts, window.length(), valueLength));
        Member.write(at, parts | mark, window, valueLength);
        int both = parts & Member.parts(old);
        if ((both & Member.SCORE) != 0) {
            Member.score(at, Member.score(old));
        }
        if ((both & Member.DEADLINE) != 0) {
            Member.deadlineMs(at, Member.deadlineMs(old));
        }
        if (valueLength == Member.valueLength(old)) {
            Memory.copy(Member.valueAddress(old), Member.valueAddress(at), valueLength);
        }
        index.replace(hash(window), old, at);
        lease.free(old, oldBytes);
        return at;
    }

    /// To be called before a member changes, or goes: a snapshot under way may still want it.
    void keep(long at) {
        if (division != null) {
            division.keep(at);
        }
    }

    /// Takes a member out and frees it.
    void remove(long at) {
        keep(at);
        index.remove(hash(at), at);
        free(at);
    }

    private void free(long at) {
        lease.free(at, Member.blockBytes(at));
    }

    /// Visits some members that follow the cursor ([Index#scan]).
    long scan(long cursor, LongConsumer visit) {
        return index.scan(cursor, visit);
    }

    /// Visits about `most` members that follow the cursor.
    ///
    /// @return where to go on, 0 when all have been visited
    long scan(long cursor, long most, LongConsumer visit) {
        long[] visited = {0};
        long next = cursor;
        do {
            next = index.scan(next, at -> {
                visited[0]++;
                visit.accept(at);
            });
        } while (next != 0 && visited[0] < most);
        return next;
    }

    /// Visits all members, which the visitor must not change.
    void forEach(LongConsumer visit) {
        long cursor = 0;
        do {
            cursor = index.scan(cursor, visit);
        } while (cursor != 0);
    }

    /// Frees up to about `most` members, and in the end the index. Returns whether none is left.
    boolean drain(int most) {
        return index.drain(most, this::free);
    }

    /// Fills an empty collection with copies of another's members.
    ///
    /// @param copied is told of each copy
    void addAll(Members others, LongConsumer copied) {
        others.forEach(old -> {
            int bytes = Member.blockBytes(old);
            long at = lease.allocate(bytes);
            Memory.copy(old, at, bytes);
            Member.mark(at, mark);
            index.insert(hash(at), at);
            copied.accept(at);
        });
    }
}
