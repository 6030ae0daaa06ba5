package io.nuthatch.store;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Lease;
import io.nuthatch.memory.Memory;

/// A large hash: its fields, found by the index, each with its value behind it in one block.
///
/// Locks: the shard's.
final class HashRoot extends Root {
    final Members fields;
    private final long seed;

    HashRoot(Lease lease, long seed) {
        super(lease);
        this.seed = seed;
        fields = new Members(lease, seed);
    }

    /// Gives a field a value. Returns whether the field is new.
    boolean put(Bytes field, Bytes value) {
        long at = fields.find(field);
        boolean isNew = at == 0;
        if (isNew) {
            at = fields.add(field, Member.VALUE, value.length());
        } else if (Member.valueLength(at) != value.length()) {
            at = fields.reshape(at, Member.VALUE, value.length());
        }
        Memory.copy(value.address(), Member.valueAddress(at), value.length());
        return isNew;
    }

    /// Takes a field out. Returns whether it was there.
    boolean remove(Bytes field) {
        long at = fields.find(field);
        if (at != 0) {
            fields.remove(at);
        }
        return at != 0;
    }

    @Override
    boolean drain(int most) {
        return fields.drain(most);
    }

    @Override
    Root copy(Lease copyLease) {
        HashRoot copy = new HashRoot(copyLease, seed);
        copy.fields.addAll(fields, field -> {});
        return copy;
    }
}
