package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The second file of a save: what may not go to the first one yet and is too much for memory. It comes to be with the
/// first part, and is deleted at the end.
///
/// Threads: any may add; it waits for nobody but those who add. Parts are copied by whoever writes to the first file.
final class RdbSpill implements AutoCloseable {
    private static final int SLICE_BYTES = 64 * 1024;

    private final Disk disk;
    private final Path path;
    private Disk.@Nullable File file;
    private long bytes;
    private long parts;

    RdbSpill(Disk disk, Path path) {
        this.disk = disk;
        this.path = path;
    }

    /// A piece in the file.
    ///
    /// @param version the oldest version of the format that has all of it
    record Part(long offset, long bytes, int version) implements RdbPiece {
        @Override
        public void close() {
            // It goes with the file.
        }
    }

    synchronized Part add(Bytes piece, int version) throws IOException {
        Disk.File to = file;
        if (to == null) {
            to = disk.create(path);
            file = to;
        }
        to.append(piece);
        Part part = new Part(bytes, piece.length(), version);
        bytes += piece.length();
        parts++;
        return part;
    }

    /// How many parts were added.
    synchronized long parts() {
        return parts;
    }

    private synchronized Disk.File file() {
        if (file == null) {
            throw new IllegalStateException("there is no second file: path=" + path);
        }
        return file;
    }

    void copy(Part part, RdbFileWriter to) throws IOException {
        Disk.File from = file();
        try (Scratch slice = Scratch.ofLength((int) Math.min(SLICE_BYTES, Math.max(1, part.bytes)))) {
            Bytes window = new Bytes();
            for (long done = 0; done < part.bytes; done += window.length()) {
                window.set(slice.bytes().address(), (int) Math.min(SLICE_BYTES, part.bytes - done));
                from.read(part.offset + done, window);
                to.append(window, part.version);
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        Disk.File open = file;
        if (open != null) {
            file = null;
            try {
                open.close();
            } finally {
                disk.delete(path);
            }
        }
    }
}
