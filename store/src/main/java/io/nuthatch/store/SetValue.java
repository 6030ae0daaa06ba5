package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import java.util.function.Consumer;

/// Sets: an [Intset] or a [Listpack] in the record, or members found by an index ([SetRoot]).
///
/// A set begins as an intset if its first member is an integer; it becomes a listpack with the first member that
/// is none, and large beyond `set-max-intset-entries`, `set-max-listpack-entries` or `set-max-listpack-value`. It
/// does not become small again. An empty set is no key: who takes the last member out deletes the entry with
/// [#settle].
///
/// What only reads is in [SetView]. Members that come in must not be the store's own bytes.
///
/// Source: the rules of Redis 7.2, `t_set.c`. Locks: the shard's, which the transaction holds.
public final class SetValue {
    private SetValue() {}

    public static long size(Entry entry) {
        if (entry.isRoot()) {
            return members(entry).size();
        }
        long packed = Payload.address(entry.at);
        return isIntset(entry) ? Intset.count(packed) : Listpack.count(packed);
    }

    static boolean isIntset(Entry entry) {
        return (Record.flags(entry.at) & Record.INTSET) != 0;
    }

    private static Members members(Entry entry) {
        return ((SetRoot) entry.root()).members;
    }

    private static StoreSettings settings(Entry entry) {
        return entry.tx.settings();
    }

    /// What OBJECT ENCODING answers.
    public static String encoding(Entry entry) {
        return entry.isRoot() ? "hashtable" : isIntset(entry) ? "intset" : "listpack";
    }

    /// Gives a key that is not there an empty set, to be added to at once.
    ///
    /// @param first the first of the members to come
    /// @param count how many will come
    public static Entry create(Tx tx, Bytes key, Bytes first, long count) {
        StoreSettings settings = tx.settings();
        boolean integer = Numbers.isLong(first.address(), first.length());
        if (integer && count <= settings.setMaxIntsetEntries) {
            Entry entry = Payload.create(tx, key, Type.SET, Intset.EMPTY_BYTES);
            Record.flag(entry.at, Record.INTSET);
            Intset.create(Payload.address(entry.at));
            return entry;
        }
        Entry entry = Payload.create(tx, key, Type.SET, Listpack.EMPTY_BYTES);
        Listpack.create(Payload.address(entry.at));
        if (count > settings.setMaxListpackEntries) {
            enlarge(entry);
        }
        return entry;
    }

    /// Makes a set large if so many members at once would make it so.
    public static void expect(Entry entry, long count) {
        StoreSettings settings = settings(entry);
        if (!entry.isRoot()
                && count > (isIntset(entry) ? settings.setMaxIntsetEntries : settings.setMaxListpackEntries)) {
            enlarge(entry);
        }
    }

    private static void enlarge(Entry entry) {
        SetRoot root = new SetRoot(entry.shard.lease(), entry.shard.keyspace.seed());
        SetView.of(entry).forEach(member -> root.members.add(member, 0, 0));
        entry.become(root);
    }

    /// Adds a member. Returns whether it was not there.
    public static boolean add(Entry entry, Bytes member) {
        if (entry.isRoot()) {
            return addLarge(entry, member);
        }
        return isIntset(entry) ? addToIntset(entry, member) : addToListpack(entry, member);
    }

    private static boolean addLarge(Entry entry, Bytes member) {
        Members members = members(entry);
        if (members.find(member) != 0) {
            return false;
        }
        members.add(member, 0, 0);
        return true;
    }

    private static boolean addToIntset(Entry entry, Bytes member) {
        long intset = Payload.address(entry.at);
        if (!Numbers.isLong(member.address(), member.length())) {
            int longest = longestDigits(intset);
            if (fitsListpack(entry, Intset.count(intset), Math.max(longest, member.length()))) {
                toListpack(entry);
            } else {
                enlarge(entry);
            }
            return add(entry, member);
        }
        long value = Numbers.parse(member.address(), member.length());
        int index = Intset.find(intset, value);
        if (index >= 0) {
            return false;
        }
        intset = Payload.resize(entry, Intset.bytesWith(intset, value));
        Intset.insert(intset, -1 - index, value);
        if (Intset.count(intset) > settings(entry).setMaxIntsetEntries) {
            enlarge(entry);
        }
        return true;
    }

    private static int longestDigits(long intset) {
        int count = Intset.count(intset);
        return count == 0
                ? 0
                : Math.max(Numbers.digits(Intset.value(intset, 0)), Numbers.digits(Intset.value(intset, count - 1)));
    }

    /// Whether a listpack may have one more member.
    private static boolean fitsListpack(Entry entry, int count, int longest) {
        StoreSettings settings = settings(entry);
        return count < settings.setMaxListpackEntries && longest <= settings.setMaxListpackValue;
    }

    private static void toListpack(Entry entry) {
        int oldBytes = Intset.bytes(Payload.address(entry.at));
        long intset = Memory.allocate(oldBytes);
        Memory.copy(Payload.address(entry.at), intset, oldBytes);
        int bytes = Listpack.EMPTY_BYTES;
        for (int i = 0; i < Intset.count(intset); i++) {
            bytes += Listpack.entryBytes(Intset.value(intset, i));
        }
        long listpack = Payload.resize(entry, bytes);
        Record.unflag(entry.at, Record.INTSET);
        Listpack.create(listpack);
        for (int i = 0; i < Intset.count(intset); i++) {
            Listpack.insert(listpack, Listpack.end(listpack), Intset.value(intset, i));
        }
        Memory.free(intset, oldBytes);
    }

    private static boolean addToListpack(Entry entry, Bytes member) {
        long listpack = Payload.address(entry.at);
        if (Listpack.has(listpack, Listpack.find(listpack, Listpack.FIRST, member, 0))) {
            return false;
        }
        if (!fitsListpack(entry, Listpack.count(listpack), member.length())) {
            enlarge(entry);
            return addLarge(entry, member);
        }
        listpack = Payload.resize(entry, Listpack.bytes(listpack) + Listpack.entryBytes(member));
        Listpack.insert(listpack, Listpack.end(listpack), member);
        return true;
    }

    public static boolean contains(Entry entry, Bytes member) {
        if (entry.isRoot()) {
            return members(entry).find(member) != 0;
        }
        long packed = Payload.address(entry.at);
        return isIntset(entry) ? SetView.intsetHas(packed, member) : SetView.listpackHas(packed, member);
    }

    /// Removes a member. [#settle] must follow. Returns whether it was there.
    public static boolean remove(Entry entry, Bytes member) {
        if (entry.isRoot()) {
            long at = members(entry).find(member);
            if (at != 0) {
                members(entry).remove(at);
            }
            return at != 0;
        }
        long packed = Payload.address(entry.at);
        if (isIntset(entry)) {
            int index = Numbers.isLong(member.address(), member.length())
                    ? Intset.find(packed, Numbers.parse(member.address(), member.length()))
                    : -1;
            return index >= 0 && removeFromIntset(entry, packed, index);
        }
        int offset = Listpack.find(packed, Listpack.FIRST, member, 0);
        return Listpack.has(packed, offset) && removeFromListpack(entry, packed, offset);
    }

    private static boolean removeFromIntset(Entry entry, long intset, int index) {
        Intset.remove(intset, index);
        Payload.resize(entry, Intset.bytes(intset));
        return true;
    }

    private static boolean removeFromListpack(Entry entry, long listpack, int offset) {
        Listpack.delete(listpack, offset, 1);
        Payload.resize(entry, Listpack.bytes(listpack));
        return true;
    }

    /// Removes a member at random, each as likely as any other, after it has been handed out. The set must not be
    /// empty; [#settle] must follow.
    public static void pop(Entry entry, Consumer<Bytes> receive) {
        SetView view = SetView.of(entry);
        long drawn = view.draw(entry.tx.random());
        receive.accept(view.read(drawn));
        if (entry.isRoot()) {
            members(entry).remove(drawn);
        } else if (isIntset(entry)) {
            removeFromIntset(entry, Payload.address(entry.at), (int) drawn);
        } else {
            long listpack = Payload.address(entry.at);
            removeFromListpack(entry, listpack, Listpack.seek(listpack, (int) drawn));
        }
    }

    /// After something was removed: deletes the key if nothing is left.
    public static void settle(Entry entry) {
        if (size(entry) == 0) {
            entry.delete();
        }
    }
}
