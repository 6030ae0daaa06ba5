package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A large hash: its fields, found by the index, each with its value behind it in one block. Fields that expire also
/// stand in a [CountedTree] of the same blocks, the next to expire first.
///
/// ```
///   fields      index ─► [ field │ value ]  [ deadline │ field │ value ]  …
///                                             ↑
///   deadlines   tree  ────────────────────────┘        only if there are any
/// ```
/// A field that is due is *hidden* until it has been removed: nothing here finds it, counts it or shows it. Hence the
/// time, in milliseconds since 1970, that most methods are told.
///
/// Locks: the shard's.
final class HashRoot extends Root {
    private final Members fields;
    private final long seed;
    private @Nullable CountedTree deadlines;

    HashRoot(Lease lease, long seed) {
        super(lease);
        this.seed = seed;
        fields = new Members(lease, seed);
    }

    /// How many fields there are.
    long size(long nowMs) {
        return fields.size() - due(nowMs);
    }

    /// How many fields there are, hidden ones included.
    long kept() {
        return fields.size();
    }

    /// How many fields are hidden.
    long due(long nowMs) {
        return nextDueMs() > nowMs || deadlines == null ? 0 : deadlines.rank(at -> Member.deadlineMs(at) <= nowMs);
    }

    /// When the next field is due, or [Record#NEVER].
    long nextDueMs() {
        return deadlines == null || !deadlines.cursor().first()
                ? Record.NEVER
                : Member.deadlineMs(deadlines.cursor().block());
    }

    private static boolean isHidden(long at, long nowMs) {
        long deadlineMs = Member.deadlineMs(at);
        return deadlineMs != Record.NO_DEADLINE && deadlineMs <= nowMs;
    }

    /// The block of a field, or 0.
    long find(Bytes field, long nowMs) {
        long at = fields.find(field);
        return at == 0 || isHidden(at, nowMs) ? 0 : at;
    }

    /// Adds a field that is not there.
    void add(Bytes field, Bytes value, long nowMs) {
        long hidden = fields.find(field);
        if (hidden != 0) {
            assert isHidden(hidden, nowMs) : "the field is there already: at=" + hidden;
            remove(hidden);
        }
        write(fields.add(field, Member.VALUE, value.length()), value);
    }

    /// Gives a field another value. Its deadline stays.
    void replace(long at, Bytes value) {
        boolean fits = Member.valueLength(at) == value.length();
        fields.keep(at);
        write(fits ? at : reshape(at, Member.parts(at), value.length()), value);
    }

    private static void write(long at, Bytes value) {
        Memory.copy(value.address(), Member.valueAddress(at), value.length());
    }

    /// Gives a field another deadline, or with [Record#NO_DEADLINE] none.
    ///
    /// @return where it is now
    long deadlineMs(long at, long deadlineMs) {
        if (deadlineMs == Record.NO_DEADLINE) {
            return reshape(at, Member.VALUE, Member.valueLength(at));
        }
        CountedTree order = deadlines();
        long moved = at;
        if (isTimed(at)) {
            fields.keep(at);
            order.cursor().seek(placeOf(at));
            order.cursor().remove();
        } else {
            moved = fields.reshape(at, Member.VALUE | Member.DEADLINE, Member.valueLength(at));
        }
        Member.deadlineMs(moved, deadlineMs);
        order.insert(placeOf(moved), moved, 1);
        return moved;
    }

    private static boolean isTimed(long at) {
        return (Member.parts(at) & Member.DEADLINE) != 0;
    }

    private CountedTree deadlines() {
        if (deadlines == null) {
            deadlines = new CountedTree(lease);
        }
        return deadlines;
    }

    /// The place of a field among those that expire: by its deadline, and by its name where deadlines are equal.
    private static CountedTree.Probe placeOf(long sought) {
        long deadlineMs = Member.deadlineMs(sought);
        return at -> {
            long other = Member.deadlineMs(at);
            return other < deadlineMs
                    || other == deadlineMs
                            && Memory.compare(
                                            Member.address(at), Member.length(at),
                                            Member.address(sought), Member.length(sought))
                                    < 0;
        };
    }

    /// Gives a field other parts, of which a deadline is none that it has not, or a value of another length.
    ///
    /// @return where it is now
    private long reshape(long at, int parts, int valueLength) {
        if (!isTimed(at)) {
            return fields.reshape(at, parts, valueLength);
        }
        CountedTree.Cursor cursor = deadlines().cursor();
        cursor.seek(placeOf(at));
        if ((parts & Member.DEADLINE) == 0) {
            cursor.remove();
            return fields.reshape(at, parts, valueLength);
        }
        long moved = fields.reshape(at, parts, valueLength);
        cursor.replace(moved, 1);
        return moved;
    }

    /// Takes a field out.
    void remove(long at) {
        if (isTimed(at)) {
            deadlines().cursor().seek(placeOf(at));
            deadlines().cursor().remove();
        }
        fields.remove(at);
    }

    /// Takes out so many of the fields that expire, the first ones, and shows each before it goes.
    void expire(long count, Consumer<Bytes> visit) {
        Bytes field = new Bytes();
        deadlines().cursor().first();
        deadlines().cursor().remove(count, at -> {
            visit.accept(Member.read(at, field));
            fields.remove(at);
        });
    }

    /// Visits all fields.
    void forEach(long nowMs, LongConsumer visit) {
        fields.forEach(visible(nowMs, visit));
    }

    /// Visits about `most` fields that follow the cursor.
    ///
    /// @return where to go on, 0 when all have been visited
    long scan(long cursor, long most, long nowMs, LongConsumer visit) {
        return fields.scan(cursor, most, visible(nowMs, visit));
    }

    private LongConsumer visible(long nowMs, LongConsumer visit) {
        if (nextDueMs() > nowMs) {
            return visit;
        }
        return at -> {
            if (!isHidden(at, nowMs)) {
                visit.accept(at);
            }
        };
    }

    /// A field at random, each as likely as the others, or 0 if a hidden one was drawn.
    long draw(RandomGenerator random, long nowMs) {
        long at = fields.index.randomEvenly(random);
        return isHidden(at, nowMs) ? 0 : at;
    }

    @Override
    long elements() {
        return fields.size();
    }

    @Override
    Division newDivision(Shard shard) {
        return new MembersDivision(this, fields, shard);
    }

    @Override
    boolean drain(int most) {
        return (deadlines == null || deadlines.drain(most, at -> {})) && fields.drain(most);
    }

    @Override
    Root copy(Lease copyLease) {
        HashRoot copy = new HashRoot(copyLease, seed);
        copy.fields.addAll(fields, at -> {
            if (isTimed(at)) {
                copy.deadlines().insert(placeOf(at), at, 1);
            }
        });
        return copy;
    }
}
