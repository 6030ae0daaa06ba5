package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import java.io.IOException;
import java.nio.file.Path;

/// The system's disk as it is, for tests that change one thing about it.
class PlainDisk implements Disk {
    @Override
    public File create(Path path) throws IOException {
        return Disk.REAL.create(path);
    }

    @Override
    public File open(Path path) throws IOException {
        return Disk.REAL.open(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        Disk.REAL.rename(source, target);
    }

    @Override
    public void force(Path path) throws IOException {
        Disk.REAL.force(path);
    }

    @Override
    public void delete(Path path) throws IOException {
        Disk.REAL.delete(path);
    }

    /// A file as it is.
    static class PlainFile implements File {
        private final File file;

        PlainFile(File file) {
            this.file = file;
        }

        @Override
        public void append(Bytes bytes) throws IOException {
            file.append(bytes);
        }

        @Override
        public void read(long offset, Bytes into) throws IOException {
            file.read(offset, into);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            file.truncate(bytes);
        }

        @Override
        public void overwrite(long offset, Bytes bytes) throws IOException {
            file.overwrite(offset, bytes);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void forget(long from, long until) {
            file.forget(from, until);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
