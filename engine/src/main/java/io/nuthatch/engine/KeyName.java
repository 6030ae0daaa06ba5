package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import java.util.Arrays;

/// A key of a database, as a key of maps on the heap: for those keys that somebody waits for or watches.
final class KeyName {
    private final int db;
    private final byte[] key;
    private final int hash;

    KeyName(int db, Bytes key) {
        this.db = db;
        this.key = key.toArray();
        this.hash = Arrays.hashCode(this.key) * 31 + db;
    }

    int db() {
        return db;
    }

    byte[] key() {
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyName name && name.hash == hash && name.db == db && Arrays.equals(name.key, key);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "KeyName[db=" + db + ", bytes=" + key.length + "]";
    }
}
