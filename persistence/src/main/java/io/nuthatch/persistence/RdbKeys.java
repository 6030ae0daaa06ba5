package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Entry;
import io.nuthatch.store.EvictionPolicy;
import io.nuthatch.store.Tx;

/// A piece of an RDB file: keys, each with its deadline, its use and its value, under the numbers of their databases.
///
/// Thread: the one that fills it.
final class RdbKeys implements AutoCloseable {
    private static final int NO_DATABASE = -1;

    private final RdbOutput output;
    private final EvictionPolicy policy;
    private final Bytes window = new Bytes();
    private int database = NO_DATABASE;

    RdbKeys(RdbFormat format) {
        output = new RdbOutput(format.compresses());
        policy = format.policy();
    }

    /// Adds a key.
    void add(int db, Entry entry) {
        if (db != database) {
            database = db;
            output.oneByte(RdbFile.DATABASE);
            output.length(db);
        }
        if (entry.deadlineMs() != Tx.NO_DEADLINE) {
            output.oneByte(RdbFile.DEADLINE_MS);
            output.fixedLong(entry.deadlineMs());
        }
        if (policy.countsUses()) {
            output.oneByte(RdbFile.FREQUENCY);
            output.oneByte(entry.frequency());
        } else if (policy.ranksByUse()) {
            output.oneByte(RdbFile.IDLE);
            output.length(entry.idleSeconds());
        }
        output.label(entry.key(window));
        RdbValue.write(entry, output);
    }

    /// How many bytes there are.
    long length() {
        return output.length();
    }

    /// What there is; valid until more is added.
    Bytes bytes() {
        return output.bytes();
    }

    /// The oldest version of the format that has all that was ever added.
    int version() {
        return output.version();
    }

    /// Begins anew.
    void clear() {
        output.clear();
        database = NO_DATABASE;
    }

    @Override
    public void close() {
        output.close();
    }
}
