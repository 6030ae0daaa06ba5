package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Hashes: a [Listpack] in the record, in which a value follows each field, or fields found by an index ([HashRoot]).
///
/// ```
///   small   record ─► [ field │ value │ field │ value │ … ]      in the order in which the fields came
///   large   index  ─► [ field │ value ]  [ field │ value ]  …
/// ```
/// A hash becomes large when it has more fields than `hash-max-listpack-entries`, or a field or value that is longer
/// than `hash-max-listpack-value`; it never becomes small again. An empty one is no key: who takes fields out calls
/// [#settle].
///
/// Fields and values that come in must not be the store's own bytes. Locks: the shard's, which the transaction holds.
public final class HashValue {
    private static final int ENTRIES_EACH = 2;

    /// Up to this part of a hash is drawn field by field; more is chosen by going through the hash.
    private static final int FEW = 3;

    private HashValue() {}

    /// Is shown fields, each with its value. The windows are valid until it returns.
    @FunctionalInterface
    public interface Visitor {
        void visit(Bytes field, Bytes value);
    }

    private static HashRoot root(Entry entry) {
        return (HashRoot) entry.root();
    }

    /// How many fields there are.
    public static long length(Entry entry) {
        return entry.isRoot() ? root(entry).fields.size() : Listpack.count(Payload.address(entry.at)) / ENTRIES_EACH;
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        return entry.isRoot() ? "hashtable" : "listpack";
    }

    /// Gives a key that is not there an empty hash, to be filled at once.
    public static Entry create(Tx tx, Bytes key) {
        Entry entry = Payload.create(tx, key, Type.HASH, Listpack.EMPTY_BYTES);
        Listpack.create(Payload.address(entry.at));
        return entry;
    }

    // ---------------------------------------------------------------------------------------------- one field

    /// A field's value, null if there is no such field. Valid until the hash changes or another value is read.
    public static @Nullable Bytes get(Entry entry, Bytes field) {
        if (entry.isRoot()) {
            long at = root(entry).fields.find(field);
            return at == 0 ? null : Member.value(at, entry.value);
        }
        long block = Payload.address(entry.at);
        int offset = find(block, field);
        return Listpack.has(block, offset)
                ? Listpack.read(block, Listpack.next(block, offset), entry.value, entry.valueDigits)
                : null;
    }

    private static int find(long block, Bytes field) {
        return Listpack.find(block, Listpack.FIRST, field, ENTRIES_EACH - 1);
    }

    /// Gives a field a value, whether or not it has one. Returns whether the field is new.
    public static boolean put(Entry entry, Bytes field, Bytes value) {
        if (!entry.isRoot() && !fits(entry, field, value)) {
            enlarge(entry);
        }
        return entry.isRoot() ? root(entry).put(field, value) : putSmall(entry, field, value);
    }

    private static boolean fits(Entry entry, Bytes field, Bytes value) {
        long longest = entry.tx.settings().hashMaxListpackValue;
        long more = (long) Listpack.entryBytes(field) + Listpack.entryBytes(value);
        return field.length() <= longest
                && value.length() <= longest
                && Listpack.bytes(Payload.address(entry.at)) + more < Listpack.MAX_BYTES;
    }

    private static boolean putSmall(Entry entry, Bytes field, Bytes value) {
        long block = Payload.address(entry.at);
        int offset = find(block, field);
        if (Listpack.has(block, offset)) {
            replace(entry, Listpack.next(block, offset), value);
            return false;
        }
        if (length(entry) >= entry.tx.settings().hashMaxListpackEntries) {
            enlarge(entry);
            return root(entry).put(field, value);
        }
        int more = Listpack.entryBytes(field) + Listpack.entryBytes(value);
        block = Payload.resize(entry, Listpack.bytes(block) + (long) more);
        Listpack.insert(block, Listpack.end(block), field);
        Listpack.insert(block, Listpack.end(block), value);
        return true;
    }

    private static void replace(Entry entry, int offset, Bytes value) {
        long block = Payload.address(entry.at);
        int more = Listpack.entryBytes(value) - Listpack.entryBytes(block, offset);
        if (more > 0) {
            block = Payload.resize(entry, Listpack.bytes(block) + (long) more);
        }
        Listpack.replace(block, offset, value);
        if (more < 0) {
            Payload.resize(entry, Listpack.bytes(block));
        }
    }

    private static void enlarge(Entry entry) {
        HashRoot root = new HashRoot(entry.shard.lease(), entry.shard.keyspace.seed());
        forEach(entry, root::put);
        entry.become(root);
    }

    /// Takes a field out; [#settle] must follow. Returns whether it was there.
    public static boolean remove(Entry entry, Bytes field) {
        if (entry.isRoot()) {
            return root(entry).remove(field);
        }
        long block = Payload.address(entry.at);
        int offset = find(block, field);
        if (!Listpack.has(block, offset)) {
            return false;
        }
        Listpack.delete(block, offset, ENTRIES_EACH);
        Payload.resize(entry, Listpack.bytes(block));
        return true;
    }

    /// After something was taken out: deletes the key if nothing is left.
    public static void settle(Entry entry) {
        if (length(entry) == 0) {
            entry.delete();
        }
    }

    // ---------------------------------------------------------------------------------------------- many fields

    /// Visits all fields.
    public static void forEach(Entry entry, Visitor visitor) {
        Pair pair = new Pair(entry, visitor);
        if (entry.isRoot()) {
            root(entry).fields.forEach(pair::show);
            return;
        }
        long block = Payload.address(entry.at);
        int offset = Listpack.FIRST;
        while (Listpack.has(block, offset)) {
            offset = pair.show(block, offset);
        }
    }

    /// Visits some fields that follow the cursor, which is 0 to begin with. A field that is there from the first call
    /// to the last is visited at least once. A small hash is visited at once.
    ///
    /// @param most about how many fields to visit
    /// @return where to go on, 0 when all have been visited
    public static long scan(Entry entry, long cursor, long most, Visitor visitor) {
        if (!entry.isRoot()) {
            forEach(entry, visitor);
            return 0;
        }
        return root(entry).fields.scan(cursor, most, new Pair(entry, visitor)::show);
    }

    /// Visits a field at random, each as likely as the others.
    public static void random(Entry entry, RandomGenerator random, Visitor visitor) {
        Pair pair = new Pair(entry, visitor);
        if (entry.isRoot()) {
            pair.show(root(entry).fields.index.randomEvenly(random));
        } else {
            long block = Payload.address(entry.at);
            int drawn = random.nextInt((int) length(entry));
            pair.show(block, Listpack.seek(block, drawn * ENTRIES_EACH));
        }
    }

    /// Visits `count` different fields at random, each as likely as any other. There must be so many.
    public static void sample(Entry entry, long count, RandomGenerator random, Visitor visitor) {
        if (entry.isRoot() && count < length(entry) / FEW) {
            Set<Long> drawn = new LinkedHashSet<>();
            while (drawn.size() < count) {
                drawn.add(root(entry).fields.index.randomEvenly(random));
            }
            drawn.forEach(new Pair(entry, visitor)::show);
            return;
        }
        // Of all that are left, as many as are still wanted: each field gets its fair chance (Knuth, 3.4.2, S).
        long[] left = {length(entry), count};
        forEach(entry, (field, value) -> {
            if (random.nextLong(left[0]--) < left[1]) {
                left[1]--;
                visitor.visit(field, value);
            }
        });
    }

    /// Windows onto a field and its value, and who is shown them.
    private record Pair(Entry entry, Visitor visitor, Bytes field, Bytes value) {
        Pair(Entry entry, Visitor visitor) {
            this(entry, visitor, new Bytes(), new Bytes());
        }

        /// Shows a field of a large hash.
        void show(long at) {
            visitor.visit(Member.read(at, field), Member.value(at, value));
        }

        /// Shows a field of a small hash.
        ///
        /// @return where the next one is
        int show(long block, int offset) {
            int valueOffset = Listpack.next(block, offset);
            Listpack.read(block, offset, field, entry.digits);
            Listpack.read(block, valueOffset, value, entry.valueDigits);
            visitor.visit(field, value);
            return Listpack.next(block, valueOffset);
        }
    }
}
