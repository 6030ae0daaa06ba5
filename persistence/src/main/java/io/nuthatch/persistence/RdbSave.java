package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// One save of all keys to an RDB file.
///
/// Thread: one that may wait for the disk.
final class RdbSave {
    /// Pieces of about this size are handed to the disk.
    private static final int PIECE_BYTES = 64 * 1024;

    private final Disk disk;
    private final Keyspace keyspace;
    private final RdbFormat format;

    RdbSave(Disk disk, Keyspace keyspace, RdbFormat format) {
        this.disk = disk;
        this.keyspace = keyspace;
        this.format = format;
    }

    /// Writes all keys to a file, which takes the place of the one before when it is whole.
    ///
    /// @param temporary the file's name until then, in the same folder
    /// @throws IOException if it cannot be written; what was there before is as it was
    void write(Path target, Path temporary, Tx tx, long nowMs) throws IOException {
        try (RdbFileWriter file = RdbFileWriter.create(disk, target, temporary, format, nowMs, keyspace.usedBytes());
                RdbKeys keys = new RdbKeys(format)) {
            for (int db = 0; db < keyspace.databases(); db++) {
                tx.begin(db, nowMs, false);
                if (tx.size(db) > 0) {
                    file.sizes(db, tx.size(db), tx.sizeWithDeadline(db));
                    int number = db;
                    tx.keys(entry -> {
                        keys.add(number, entry);
                        if (keys.length() >= PIECE_BYTES) {
                            append(file, keys);
                        }
                    });
                }
                tx.end();
            }
            append(file, keys);
            file.finish();
        } catch (UncheckedIOException fault) {
            throw fault.getCause();
        }
    }

    private static void append(RdbFileWriter file, RdbKeys keys) {
        try {
            Bytes piece = keys.bytes();
            file.append(piece, keys.version());
            keys.clear();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
