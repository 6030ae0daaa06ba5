package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Slab;

/// A key that is there, as a transaction sees it: a window onto its record. A transaction has a handful of them
/// and moves them ([Tx#find]), so looking a key up allocates nothing.
///
/// Valid until the transaction ends or has looked up [Tx#ENTRIES] more keys.
public final class Entry {
    final Tx tx;
    /// Room for the digits of an integer that is read as text. It lives as long as the thread that the transaction
    /// is for.
    final long digits = Memory.allocateForever(32);

    /// The same for a hash's value, which is read beside its field.
    final long valueDigits = Memory.allocateForever(32);

    /// A place in the value, if it is a list.
    final ListCursor list;

    /// The value, if it is a small sorted set.
    final PackedSortedSet sortedSet = new PackedSortedSet(this);

    /// Onto a string, or a value of a hash.
    final Bytes value = new Bytes();

    Table table;
    Shard shard;
    long hash;
    long at;

    /// Whether a change of the value has been told of.
    private boolean told;

    Entry(Tx tx, Shard shard, Table table) {
        this.tx = tx;
        this.shard = shard;
        this.table = table;
        this.list = new ListCursor(this, shard.keyspace.settings());
    }

    Entry set(Shard shard, Table table, long hash, long at) {
        this.shard = shard;
        this.table = table;
        this.hash = hash;
        this.at = at;
        told = false;
        return this;
    }

    public Type type() {
        return Record.type(at);
    }

    /// Moves a window to the key.
    public Bytes key(Bytes window) {
        return window.set(Record.keyAddress(at), Record.keyLength(at));
    }

    /// A string's bytes, in a window of the entry's own; valid as long as the entry, and until the value changes.
    public Bytes value() {
        return StringValue.read(this, value);
    }

    /// The large collection that the value is; only if its form says so.
    Root root() {
        return shard.roots.get(Record.rootNumber(at));
    }

    /// Makes the value a large collection, in place of whatever it was.
    void become(Root root) {
        table.freeValue(at);
        at = table.reshape(hash, at, Record.ROOT, 0, Record.hasDeadline(at));
        Record.unflag(at, Record.OF_VALUE);
        Record.rootNumber(at, shard.roots.add(root));
    }

    boolean isRoot() {
        return Record.form(at) == Record.ROOT;
    }

    /// When the key expires, in milliseconds since 1970, or [Tx#NO_DEADLINE].
    public long deadlineMs() {
        return Record.deadlineMs(at);
    }

    /// Sets, changes or (with [Tx#NO_DEADLINE]) takes away the deadline.
    public void deadlineMs(long deadlineMs) {
        at = table.deadline(hash, at, deadlineMs, tx.nowMs());
    }

    /// Seconds since the key was last used; meaningful under an LRU policy.
    public long idleSeconds() {
        return Access.idleSeconds(Record.access(at), tx.nowMs());
    }

    /// Makes the key one that was last used so long ago. Under an LFU policy it changes nothing.
    public void idleSeconds(long seconds) {
        if (!shard.keyspace.settings().policy.countsUses()) {
            Record.access(at, Access.seconds(tx.nowMs() - seconds * 1000));
        }
    }

    /// The logarithmic count of uses; meaningful under an LFU policy.
    public int frequency() {
        return Access.count(Record.access(at), tx.nowMs(), shard.keyspace.settings().lfuDecayMinutes);
    }

    /// Gives the key a count of uses. Under an LRU policy it changes nothing.
    public void frequency(int count) {
        if (shard.keyspace.settings().policy.countsUses()) {
            Record.access(at, Access.counted(count, tx.nowMs()));
        }
    }

    /// The 24 bits as they are kept: seconds, or minutes and count.
    public int accessBits() {
        return Record.access(at);
    }

    /// What the key takes: its record, what its value has outside of it, and its places in the index and the
    /// wheels.
    public long usedBytes() {
        long bytes = Slab.roundUp(Record.blockBytes(at)) + Long.BYTES;
        if (Record.form(at) == Record.OUTSIDE) {
            bytes += Memory.allocationCost(Record.outsideCapacity(at));
        } else if (isRoot()) {
            bytes += root().lease.usedBytes();
        }
        return bytes + wheelBytes(Record.wheelPosition(at)) + wheelBytes(Record.fieldsPosition(at));
    }

    private static long wheelBytes(int position) {
        return position == TimingWheel.NO_POSITION ? 0 : Long.BYTES;
    }

    /// Where the record stands, for DEBUG OBJECT.
    public long address() {
        return at;
    }

    /// Says that the command has changed the value, and how ([Tx#changed]).
    public void changed(KeyEvent event) {
        told = true;
        tx.counted();
        tell(event);
    }

    /// Says what has become of the value, which is no command's doing.
    void tell(KeyEvent event) {
        if (tx.tellsMore()) {
            tx.tellMore(shard.number, table.db, key(new Bytes()), event);
        } else {
            table.tell(at, event);
        }
    }

    /// Takes the key out, and says so: for a collection that has lost its last element, say before what has happened
    /// to it. The two count as one change.
    public void delete() {
        if (!told) {
            tx.counted();
        }
        table.tell(at, KeyEvent.DEL);
        drop();
    }

    /// Takes the key out silently: another value is about to take its place.
    void makeWay() {
        tx.replaces(hash, type());
        drop();
    }

    /// Takes the key out silently: it has been told what becomes of it.
    void drop() {
        table.delete(hash, at);
    }
}
