package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;

/// A string read from RDB: its bytes, where they stand in the input, or in a block of their own if they had to be made.
final class RdbString implements RdbValue {
    /// A longer string with a block of its own becomes the store's as it is. Shorter ones may be integers.
    private static final int MIN_GIVEN_BYTES = 64;

    private final long address;
    private final int length;
    private final int capacity;
    private boolean owned;

    private RdbString(int length) {
        this.length = length;
        this.capacity = Math.max(1, length);
        this.address = Memory.allocate(capacity);
        this.owned = true;
    }

    private RdbString(long address, int length) {
        this.length = length;
        this.capacity = length;
        this.address = address;
    }

    /// Bytes of the input. They must stay where they are.
    static RdbString at(long address, int length) {
        return new RdbString(address, length);
    }

    /// The digits of a number.
    static RdbString of(long number) {
        RdbString string = new RdbString(Numbers.digits(number));
        Numbers.write(number, string.address);
        return string;
    }

    /// What a compressed string was before.
    ///
    /// @throws RdbCorruption if it was not `length` bytes
    static RdbString expanded(long from, int bytes, int length) {
        RdbString string = new RdbString(length);
        if (!Lzf.expand(from, bytes, string.address, length)) {
            string.close();
            throw new RdbCorruption("not compressed as it says: bytes=" + bytes + ", length=" + length);
        }
        return string;
    }

    Bytes bytes() {
        return new Bytes().set(address, length);
    }

    @Override
    public void store(Tx tx, Bytes key, long deadlineMs) {
        if (!owned || length < MIN_GIVEN_BYTES) {
            StringValue.set(tx, key, bytes(), deadlineMs);
        } else {
            owned = false;
            StringValue.give(tx, key, address, length, deadlineMs);
        }
    }

    @Override
    public void close() {
        if (owned) {
            owned = false;
            Memory.free(address, capacity);
        }
    }
}
