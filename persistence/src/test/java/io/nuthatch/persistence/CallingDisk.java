package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import java.io.IOException;
import java.nio.file.Path;

/// The system's disk, which calls somebody whenever something has been added to a file on the thread that made it: no
/// lock of the store is held then.
final class CallingDisk implements Disk {
    private final Runnable called;
    private boolean calls;

    CallingDisk(Runnable called) {
        this.called = called;
    }

    @Override
    public File create(Path path) throws IOException {
        File file = Disk.REAL.create(path);
        return path.toString().endsWith(RdbSave.SPILL_SUFFIX) ? file : new CallingFile(file);
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

    private final class CallingFile implements File {
        private final File file;

        CallingFile(File file) {
            this.file = file;
        }

        /// Not while it is called: what somebody does may write to the file itself.
        @Override
        public void append(Bytes bytes) throws IOException {
            file.append(bytes);
            if (!calls) {
                calls = true;
                called.run();
                calls = false;
            }
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
        public void close() throws IOException {
            file.close();
        }
    }
}
