package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Numbers;

/// A set that is being made of others, to be the value of a key when it is done: that key may be one of the
/// others.
///
/// Locks: those of the transaction.
public final class SetResult implements AutoCloseable {
    private final Tx tx;
    private final Bytes key;
    private final Shard shard;
    private SetRoot root;
    private boolean onlyIntegers = true;
    private int longest;

    /// @param key the key's bytes, from outside the store
    public SetResult(Tx tx, Bytes key) {
        this.tx = tx;
        this.key = key;
        this.shard = tx.shardOf(key);
        this.root = newRoot();
    }

    private SetRoot newRoot() {
        return new SetRoot(shard.lease(), shard.keyspace.seed());
    }

    /// Adds a member, if it is not there yet.
    public void add(Bytes member) {
        if (root.members.find(member) == 0) {
            root.members.add(member, 0, 0);
            onlyIntegers &= Numbers.isLong(member.address(), member.length());
            longest = Math.max(longest, member.length());
        }
    }

    /// Makes it the key's value in place of whatever it was, or deletes the key if it is empty.
    ///
    /// @return how many members there are
    public long store() {
        long size = root.members.size();
        if (size == 0) {
            Entry old = tx.find(key);
            if (old != null) {
                old.delete();
            }
        } else if (onlyIntegers && size <= tx.settings().setMaxIntsetEntries || isSmall(size)) {
            pack(size);
        } else {
            long at = tx.put(key, Type.SET, Record.ROOT, 0, Tx.NO_DEADLINE);
            Record.rootNumber(at, shard.roots.add(root));
            root = newRoot();
        }
        return size;
    }

    private boolean isSmall(long size) {
        StoreSettings settings = tx.settings();
        return size <= settings.setMaxListpackEntries && longest <= settings.setMaxListpackValue;
    }

    private void pack(long size) {
        tx.makeWay(key);
        Bytes window = new Bytes();
        Entry[] entry = new Entry[1];
        root.members.forEach(at -> {
            Member.read(at, window);
            if (entry[0] == null) {
                entry[0] = SetValue.create(tx, key, window, size);
            }
            SetValue.add(entry[0], window);
        });
    }

    /// Frees what has not become a value.
    @Override
    public void close() {
        shard.drop(root);
    }
}
