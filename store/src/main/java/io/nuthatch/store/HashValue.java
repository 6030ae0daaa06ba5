package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Hashes: a [Listpack] in the record ([PackedHash]), or fields found by an index ([HashRoot]).
///
/// ```
///   small   record ─► [ field │ value │ field │ value │ … ]
///   large   index  ─► [ field │ value ]  [ field │ value ]  …
/// ```
/// A hash becomes large when it has more fields than `hash-max-listpack-entries`, or a field or value that is longer
/// than `hash-max-listpack-value`; it never becomes small again. An empty one is no key: who takes fields out calls
/// [#settle].
///
/// ## Fields that expire
/// A field may have a deadline. The record of a hash that has had such fields says when the next one is due
/// ([Record#FIELDS]); others pay nothing. The table's wheel for fields comes round to the hash then and has what is due
/// removed ([#expire]); so has every transaction that comes upon the hash before. Either removes a part only if there
/// is very much of it, and what is left is hidden: no method here shows a field that is due.
///
/// Fields and values that come in must not be the store's own bytes. Locks: the shard's, which the transaction holds.
public final class HashValue {
    /// The deadline of a field that is not there.
    public static final long NO_FIELD = -2;

    /// The latest deadline that a command may give a field, in milliseconds since 1970: Redis's.
    public static final long LATEST_MS = (1L << 46) - 1;

    /// The latest that a field can have.
    public static final long LATEST_KEPT_MS = Record.NEVER - 1;

    /// Up to this part of a hash is drawn field by field; more is chosen by going through the hash.
    private static final int FEW = 3;

    /// Draws that may find a hidden field before the hash is gone through.
    private static final int MAX_DRAWS = 64;

    private HashValue() {}

    /// Is shown fields, each with its value. The windows are valid until it returns.
    @FunctionalInterface
    public interface Visitor {
        void visit(Bytes field, Bytes value);
    }

    /// The same with the deadline, in milliseconds since 1970, or [Tx#NO_DEADLINE].
    @FunctionalInterface
    public interface TimedVisitor {
        void visit(Bytes field, Bytes value, long deadlineMs);
    }

    /// What becomes of a field's deadline when it gets another value.
    public enum Deadline {
        DROPPED,
        KEPT
    }

    private static HashRoot root(Entry entry) {
        return (HashRoot) entry.root();
    }

    /// The moment up to which fields are due.
    private static long nowMs(Entry entry) {
        return entry.tx.pastMs();
    }

    /// How many fields there are.
    public static long length(Entry entry) {
        return entry.isRoot() ? root(entry).size(nowMs(entry)) : PackedHash.count(entry);
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        return entry.isRoot() ? "hashtable" : PackedHash.encoding(entry);
    }

    /// Gives a key that is not there an empty hash, to be filled at once.
    public static Entry create(Tx tx, Bytes key) {
        Entry entry = Payload.create(tx, key, Type.HASH, Listpack.EMPTY_BYTES);
        Listpack.create(Payload.address(entry.at));
        return entry;
    }

    /// Gives a key an empty hash, to be filled at once, in place of whatever it has.
    public static Entry put(Tx tx, Bytes key) {
        tx.makeWay(key);
        return create(tx, key);
    }

    // ---------------------------------------------------------------------------------------------- one field

    /// A field's value, null if there is no such field. Valid until the hash changes or another value is read.
    public static @Nullable Bytes get(Entry entry, Bytes field) {
        if (entry.isRoot()) {
            long at = root(entry).find(field, nowMs(entry));
            return at == 0 ? null : Member.value(at, entry.value);
        }
        int offset = PackedHash.find(entry, field);
        return offset == 0 ? null : PackedHash.value(entry, offset);
    }

    /// Gives a field a value, whether or not it has one; it does not expire then. Returns whether the field is new.
    public static boolean put(Entry entry, Bytes field, Bytes value) {
        return put(entry, field, value, Deadline.DROPPED);
    }

    /// The same, with a choice.
    public static boolean put(Entry entry, Bytes field, Bytes value, Deadline deadline) {
        if (!entry.isRoot() && !PackedHash.fits(entry, field, value)) {
            enlarge(entry);
        }
        boolean isNew = entry.isRoot() ? putLarge(entry, field, value) : putSmall(entry, field, value);
        if (!isNew && deadline == Deadline.DROPPED && Record.hasFields(entry.at)) {
            deadlineMs(entry, field, Tx.NO_DEADLINE);
        }
        return isNew;
    }

    private static boolean putLarge(Entry entry, Bytes field, Bytes value) {
        HashRoot root = root(entry);
        long at = root.find(field, nowMs(entry));
        if (at == 0) {
            root.add(field, value, nowMs(entry));
        } else {
            root.replace(at, value);
        }
        return at == 0;
    }

    private static boolean putSmall(Entry entry, Bytes field, Bytes value) {
        int offset = PackedHash.find(entry, field);
        if (offset != 0) {
            PackedHash.replace(entry, offset, value);
        } else if (PackedHash.isFull(entry)) {
            enlarge(entry);
            root(entry).add(field, value, nowMs(entry));
        } else {
            PackedHash.add(entry, field, value);
        }
        return offset == 0;
    }

    private static void enlarge(Entry entry) {
        HashRoot root = new HashRoot(entry.shard.lease(), entry.shard.keyspace.seed());
        long nowMs = nowMs(entry);
        PackedHash.forEachTimed(entry, (field, value, deadlineMs) -> {
            root.add(field, value, nowMs);
            if (deadlineMs != Record.NO_DEADLINE) {
                root.deadlineMs(root.find(field, nowMs), deadlineMs);
            }
        });
        entry.become(root);
    }

    /// Takes a field out; [#settle] must follow. Returns whether it was there.
    public static boolean remove(Entry entry, Bytes field) {
        if (entry.isRoot()) {
            long at = root(entry).find(field, nowMs(entry));
            if (at != 0) {
                root(entry).remove(at);
            }
            return at != 0;
        }
        int offset = PackedHash.find(entry, field);
        if (offset != 0) {
            PackedHash.remove(entry, offset);
        }
        return offset != 0;
    }

    /// After something was taken out: deletes the key if nothing is left.
    public static void settle(Entry entry) {
        if (length(entry) == 0) {
            entry.delete();
        } else {
            noteNextDue(entry);
        }
    }

    // ---------------------------------------------------------------------------------------------- deadlines

    /// When a field expires, in milliseconds since 1970; [Tx#NO_DEADLINE] if it never does, [#NO_FIELD] if there is no
    /// such field.
    public static long deadlineMs(Entry entry, Bytes field) {
        if (entry.isRoot()) {
            long at = root(entry).find(field, nowMs(entry));
            return at == 0 ? NO_FIELD : Member.deadlineMs(at);
        }
        int offset = PackedHash.find(entry, field);
        return offset == 0 ? NO_FIELD : PackedHash.deadlineMs(entry, offset);
    }

    /// Gives a field that is there a deadline in the future, no later than [#LATEST_KEPT_MS], or with [Tx#NO_DEADLINE]
    /// none.
    public static void deadlineMs(Entry entry, Bytes field, long deadlineMs) {
        if (deadlineMs(entry, field) == deadlineMs) {
            return;
        }
        if (entry.isRoot()) {
            if (!Record.hasFields(entry.at)) {
                entry.at = entry.table.addFields(entry.hash, entry.at);
            }
            root(entry).deadlineMs(root(entry).find(field, nowMs(entry)), deadlineMs);
        } else {
            PackedHash.deadlineMs(entry, PackedHash.find(entry, field), field, deadlineMs);
        }
        noteNextDue(entry);
    }

    private static void noteNextDue(Entry entry) {
        if (Record.hasFields(entry.at)) {
            long dueMs = entry.isRoot() ? root(entry).nextDueMs() : PackedHash.nextDueMs(entry);
            entry.table.fieldsDue(entry.hash, entry.at, dueMs, entry.tx.nowMs());
        }
    }

    /// Removes fields that are due, up to about `most` of a large hash, and says so; the key goes with its last field.
    ///
    /// @return how many fields went
    static long expire(Entry entry, long most) {
        entry.table.keep(entry.at);
        long nowMs = nowMs(entry);
        long due = entry.isRoot() ? root(entry).due(nowMs) : PackedHash.due(entry, nowMs);
        long gone = due;
        if (due > 0 && due == kept(entry)) {
            expireAll(entry, due);
            return due;
        }
        if (due > 0) {
            Effects effect = entry.tx.aside(entry.table.db, "HDEL").add(entry.key(new Bytes()));
            Consumer<Bytes> goes = field -> {
                effect.add(field);
                entry.tx.concerns(field);
            };
            if (entry.isRoot()) {
                gone = Math.min(due, most);
                root(entry).expire(gone, goes);
            } else {
                PackedHash.expire(entry, (int) due, goes);
            }
            entry.shard.expiredFields += gone;
            entry.tell(KeyEvent.HEXPIRED);
        }
        noteNextDue(entry);
        return gone;
    }

    private static long kept(Entry entry) {
        return entry.isRoot() ? root(entry).kept() : PackedHash.count(entry);
    }

    private static void expireAll(Entry entry, long fields) {
        entry.shard.expiredFields += fields;
        entry.tx.aside(entry.table.db, "DEL").add(entry.key(new Bytes()));
        if (entry.tx.tellsFields()) {
            forEachKept(entry, entry.tx::concerns);
        }
        entry.tell(KeyEvent.HEXPIRED);
        entry.table.tell(entry.at, KeyEvent.DEL);
        entry.drop();
        entry.at = 0;
    }

    /// Visits all fields, those that are due as well.
    private static void forEachKept(Entry entry, Consumer<Bytes> visit) {
        if (entry.isRoot()) {
            Bytes field = new Bytes();
            root(entry).forEach(Long.MIN_VALUE, at -> visit.accept(Member.read(at, field)));
        } else {
            PackedHash.forEach(entry, (field, value) -> visit.accept(field));
        }
    }

    // ---------------------------------------------------------------------------------------------- many fields

    /// Visits all fields.
    public static void forEach(Entry entry, Visitor visitor) {
        if (entry.isRoot()) {
            root(entry).forEach(nowMs(entry), new Show(visitor)::accept);
        } else {
            PackedHash.forEach(entry, visitor);
        }
    }

    /// Whether a field may have a deadline: not so of most hashes.
    public static boolean mayExpire(Entry entry) {
        return Record.hasFields(entry.at);
    }

    /// Visits all fields with their deadlines.
    public static void forEachTimed(Entry entry, TimedVisitor visitor) {
        if (entry.isRoot()) {
            Show show = new Show((_, _) -> {});
            root(entry).forEach(nowMs(entry), at -> {
                show.accept(at);
                visitor.visit(show.field, show.value, Member.deadlineMs(at));
            });
        } else {
            PackedHash.forEachTimed(entry, visitor);
        }
    }

    /// Before when no field expires, in milliseconds since 1970, or [Tx#NO_DEADLINE] if none does at all. It is
    /// when the next one does, if that is not past.
    public static long nextDeadlineMs(Entry entry) {
        long dueMs = Record.fieldsDueMs(entry.at);
        return dueMs == Record.NEVER ? Tx.NO_DEADLINE : dueMs;
    }

    /// Visits some fields that follow the cursor, which is 0 to begin with. A field that is there from the first call
    /// to the last is visited at least once. A small hash is visited at once.
    ///
    /// @param most about how many fields to visit
    /// @return where to go on, 0 when all have been visited
    public static long scan(Entry entry, long cursor, long most, Visitor visitor) {
        if (!entry.isRoot()) {
            PackedHash.forEach(entry, visitor);
            return 0;
        }
        return root(entry).scan(cursor, most, nowMs(entry), new Show(visitor)::accept);
    }

    /// Visits a field at random, each as likely as the others.
    public static void random(Entry entry, RandomGenerator random, Visitor visitor) {
        if (!entry.isRoot()) {
            PackedHash.visit(entry, random.nextInt(PackedHash.count(entry)), visitor);
            return;
        }
        for (int i = 0; i < MAX_DRAWS; i++) {
            long at = root(entry).draw(random, nowMs(entry));
            if (at != 0) {
                new Show(visitor).accept(at);
                return;
            }
        }
        choose(entry, 1, random, visitor);
    }

    /// Visits `count` different fields at random, each as likely as any other. There must be so many.
    public static void sample(Entry entry, long count, RandomGenerator random, Visitor visitor) {
        if (entry.isRoot() && count < length(entry) / FEW) {
            Set<Long> drawn = draw(root(entry), count, random, nowMs(entry));
            if (drawn.size() == count) {
                drawn.forEach(new Show(visitor)::accept);
                return;
            }
        }
        choose(entry, count, random, visitor);
    }

    /// Draws so many fields, or fewer if most that are drawn are hidden.
    private static Set<Long> draw(HashRoot root, long count, RandomGenerator random, long nowMs) {
        Set<Long> drawn = new LinkedHashSet<>();
        for (long left = MAX_DRAWS + count * FEW; left > 0 && drawn.size() < count; left--) {
            long at = root.draw(random, nowMs);
            if (at != 0) {
                drawn.add(at);
            }
        }
        return drawn;
    }

    /// Of all that are left, as many as are still wanted: each field gets its fair chance (Knuth, 3.4.2, S).
    private static void choose(Entry entry, long count, RandomGenerator random, Visitor visitor) {
        long[] left = {length(entry), count};
        forEach(entry, (field, value) -> {
            if (random.nextLong(left[0]--) < left[1]) {
                left[1]--;
                visitor.visit(field, value);
            }
        });
    }

    /// Windows onto a field of a large hash and its value, and who is shown them.
    private record Show(Visitor visitor, Bytes field, Bytes value) {
        Show(Visitor visitor) {
            this(visitor, new Bytes(), new Bytes());
        }

        void accept(long at) {
            visitor.visit(Member.read(at, field), Member.value(at, value));
        }
    }
}
