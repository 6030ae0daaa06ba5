package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Scratch;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Lists: one [Listpack] in the record, or a tree of them ([ListRoot]).
///
/// A list becomes large when its listpack would exceed `list-max-listpack-size`, and small again when it is a
/// single node of at most half of that. An empty list is no key: who takes the last element out deletes the entry
/// with [#settle].
///
/// Indexes may be negative, to count from the end: -1 is the last element.
///
/// Values that come in must not be the store's own bytes. Locks: the shard's, which the transaction holds.
public final class ListValue {
    /// Where a list begins and where it ends.
    public enum End {
        HEAD,
        TAIL
    }

    private ListValue() {}

    public static long length(Entry entry) {
        return entry.isRoot() ? ((ListRoot) entry.root()).nodes.size() : Listpack.count(Payload.address(entry.at));
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        return entry.isRoot() ? "quicklist" : "listpack";
    }

    /// Gives a key that is not there an empty list, to be pushed to at once.
    public static Entry create(Tx tx, Bytes key) {
        Entry entry = Payload.create(tx, key, Type.LIST, Listpack.EMPTY_BYTES);
        Listpack.create(Payload.address(entry.at));
        return entry;
    }

    /// Gives a key an empty list, to be pushed to at once, in place of whatever it has.
    public static Entry put(Tx tx, Bytes key) {
        tx.makeWay(key);
        return create(tx, key);
    }

    /// Makes a list large if so much more would make it so.
    ///
    /// @param bytes the length of all values that will be pushed
    public static void expect(Entry entry, long bytes, long count) {
        if (entry.isRoot()) {
            return;
        }
        long listpack = Payload.address(entry.at);
        if (ListRoot.exceeds(entry.tx.settings(), Listpack.bytes(listpack) + bytes, Listpack.count(listpack) + count)) {
            ListRoot root = new ListRoot(entry.shard.lease());
            if (Listpack.count(listpack) > 0) {
                root.append(listpack);
            }
            entry.become(root);
        }
    }

    /// Adds an element that has been expected ([#expect]).
    public static void push(Entry entry, End end, Bytes value) {
        if (end == End.HEAD) {
            entry.list.first();
        } else {
            entry.list.end();
        }
        entry.list.insert(value);
    }

    /// Moves a window to an element.
    ///
    /// @return the window, valid until the list changes or another element is read; null if there is no such
    /// element
    public static @Nullable Bytes read(Entry entry, long index, Bytes window) {
        return seek(entry, index) ? entry.list.read(window) : null;
    }

    private static boolean seek(Entry entry, long index) {
        long from = index < 0 ? index + length(entry) : index;
        return from >= 0 && entry.list.seek(from);
    }

    /// Visits up to `count` elements, from an index on, forwards.
    public static void forEach(Entry entry, long index, long count, Consumer<Bytes> visit) {
        Bytes window = new Bytes();
        boolean there = seek(entry, index);
        for (long left = count; there && left > 0; left--) {
            visit.accept(entry.list.read(window));
            there = entry.list.next();
        }
    }

    /// The same, backwards.
    public static void forEachBackwards(Entry entry, long index, long count, Consumer<Bytes> visit) {
        Bytes window = new Bytes();
        boolean there = seek(entry, index);
        for (long left = count; there && left > 0; left--) {
            visit.accept(entry.list.read(window));
            there = entry.list.previous();
        }
    }

    /// Replaces an element.
    ///
    /// @return whether there is one of this index; then [#settle] must follow, for it may have become smaller
    public static boolean set(Entry entry, long index, Bytes value) {
        expect(entry, value.length(), 1);
        if (!seek(entry, index)) {
            return false;
        }
        entry.list.replace(value);
        return true;
    }

    /// Inserts an element beside the first one that equals `pivot`.
    ///
    /// @return whether there is such a one
    public static boolean insertBefore(Entry entry, Bytes pivot, Bytes value) {
        expect(entry, value.length(), 1);
        if (!find(entry, pivot)) {
            return false;
        }
        entry.list.insert(value);
        return true;
    }

    /// The same, on its other side.
    public static boolean insertAfter(Entry entry, Bytes pivot, Bytes value) {
        expect(entry, value.length(), 1);
        if (!find(entry, pivot)) {
            return false;
        }
        entry.list.insertAfter(value);
        return true;
    }

    private static boolean find(Entry entry, Bytes value) {
        ListCursor cursor = entry.list;
        cursor.seekBytes(value);
        for (boolean there = cursor.first(); there; there = cursor.next()) {
            if (cursor.matches()) {
                return true;
            }
        }
        return false;
    }

    /// Finds up to `most` elements that equal a value, among the first `among` that are looked at.
    ///
    /// @param rank from which one on: 1 is the first, -1 the last, and backwards from there
    /// @param found is told their indexes
    /// @return how many there were
    public static long positions(Entry entry, Bytes value, long rank, long most, long among, LongConsumer found) {
        ListCursor cursor = entry.list;
        cursor.seekBytes(value);
        long length = length(entry);
        long skipped = Math.abs(rank) - 1;
        long count = 0;
        boolean there = rank > 0 ? cursor.first() : cursor.last();
        for (long seen = 0; there && seen < among && count < most; seen++) {
            if (cursor.matches() && skipped-- <= 0) {
                found.accept(rank > 0 ? seen : length - 1 - seen);
                count++;
            }
            there = rank > 0 ? cursor.next() : cursor.previous();
        }
        return count;
    }

    /// Removes up to `most` elements that equal a value, from one end on.
    ///
    /// @return how many there were; [#settle] must follow
    public static long removeEqual(Entry entry, Bytes value, End from, long most) {
        ListCursor cursor = entry.list;
        cursor.seekBytes(value);
        long removed = 0;
        boolean there = from == End.HEAD ? cursor.first() : cursor.last();
        while (there && removed < most) {
            boolean matches = cursor.matches();
            if (matches) {
                cursor.remove(1);
                removed++;
            }
            there = from == End.TAIL ? cursor.previous() : matches ? cursor.has() : cursor.next();
        }
        return removed;
    }

    /// Removes up to `count` elements from an index on. [#settle] must follow.
    public static void remove(Entry entry, long index, long count) {
        if (seek(entry, index)) {
            entry.list.remove(count);
        }
    }

    /// Hands out up to `count` elements, from one end on, and removes them. [#settle] must follow.
    public static void pop(Entry entry, End end, long count, Consumer<Bytes> receive) {
        if (count == 1) {
            popOne(entry.list, end, receive);
        } else if (end == End.HEAD) {
            forEach(entry, 0, count, receive);
            remove(entry, 0, count);
        } else {
            forEachBackwards(entry, -1, count, receive);
            remove(entry, Math.max(0, length(entry) - count), count);
        }
    }

    /// What queues do all day: the end is sought once only.
    private static void popOne(ListCursor cursor, End end, Consumer<Bytes> receive) {
        if (end == End.HEAD ? cursor.first() : cursor.last()) {
            receive.accept(cursor.read(new Bytes()));
            cursor.remove(1);
        }
    }

    /// Moves elements from one end of a list to one end of another list or of the same. The source must [#settle].
    ///
    /// ```
    ///   from HEAD to HEAD    a b c d  ->  x y      keeping their order:  a b x y      one by one:  b a x y
    ///   from HEAD to TAIL    a b c d  ->  x y      either way:           x y a b
    /// ```
    /// All are taken before any is added: in one list, two are turned around or come to the other end.
    ///
    /// @param count how many, not more than there are
    /// @param keepsOrder whether they stand as they stood; else one that is taken later stands further out
    public static void move(Entry source, End from, long count, Entry target, End to, boolean keepsOrder) {
        if (source != target) {
            long first = from == End.HEAD ? 0 : length(source) - count;
            Consumer<Bytes> push = element -> pushCopy(target, to, element);
            if (keepsOrder ? to == End.TAIL : from == End.HEAD) {
                forEach(source, first, count, push);
            } else {
                forEachBackwards(source, first + count - 1, count, push);
            }
            remove(source, first, count);
        } else if (from != to) {
            for (long i = 0; i < count; i++) {
                shift(source, from == End.HEAD ? 0 : -1, to);
            }
        } else if (!keepsOrder) {
            for (long i = 1; i < count; i++) {
                shift(source, from == End.HEAD ? i : -1 - i, to);
            }
        }
    }

    private static void pushCopy(Entry entry, End end, Bytes element) {
        try (Scratch copy = Scratch.of(element)) {
            expect(entry, element.length(), 1);
            push(entry, end, copy.bytes());
        }
    }

    /// Takes an element out of a list and adds it at an end.
    private static void shift(Entry entry, long index, End to) {
        if (seek(entry, index)) {
            try (Scratch copy = Scratch.of(entry.list.read(new Bytes()))) {
                entry.list.remove(1);
                expect(entry, copy.bytes().length(), 1);
                push(entry, to, copy.bytes());
            }
        }
    }

    /// After something was removed: deletes the key if nothing is left, makes the list small if little is.
    public static void settle(Entry entry) {
        if (length(entry) == 0) {
            entry.delete();
        } else if (entry.isRoot() && ((ListRoot) entry.root()).nodes.blocks() == 1) {
            shrink(entry, (ListRoot) entry.root());
        }
    }

    private static void shrink(Entry entry, ListRoot root) {
        CountedTree.Cursor nodes = root.nodes.cursor();
        nodes.first();
        long node = nodes.block();
        int bytes = Listpack.bytes(node);
        if (ListRoot.isWellBelow(entry.tx.settings(), bytes, Listpack.count(node))) {
            nodes.remove();
            Payload.replace(entry, bytes);
            Memory.copy(node, Payload.address(entry.at), bytes);
            root.free(node);
        }
    }
}
