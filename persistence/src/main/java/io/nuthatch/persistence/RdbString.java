package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Memory;
import io.nuthatch.memory.Numbers;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;

/// A string read from RDB: its bytes, in a block of their own.
final class RdbString implements RdbValue {
    /// A longer string becomes the store's as it is. Shorter ones are copied: they may be integers.
    private static final int MIN_GIVEN_BYTES = 64;

    private final long address;
    private final int length;
    private final int capacity;
    private boolean owned = true;

    private RdbString(int length) {
        this.length = length;
        this.capacity = Math.max(1, length);
        this.address = Memory.allocate(capacity);
    }

    static RdbString copyOf(long from, int length) {
        RdbString string = new RdbString(length);
        Memory.copy(from, string.address, length);
        return string;
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
        if (length < MIN_GIVEN_BYTES) {
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
