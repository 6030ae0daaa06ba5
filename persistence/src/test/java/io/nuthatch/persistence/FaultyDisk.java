package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import java.io.IOException;
import java.nio.file.Path;

/// The system's disk, but for one fault, or for a time of faults: each operation is counted, and from the chosen one on
/// they fail, as often as is said.
///
/// A write that fails has written half of its bytes: so does a disk that becomes full.
final class FaultyDisk implements Disk {
    private final Disk disk = Disk.REAL;
    private int before;
    private int faults;
    private int operations;

    /// @param operationsBefore how many work before the first that fails
    /// @param howMany fail
    synchronized void fail(int operationsBefore, int howMany) {
        before = operationsBefore;
        faults = howMany;
        operations = 0;
    }

    /// How many operations there were.
    synchronized int operations() {
        return operations;
    }

    private synchronized boolean fails() {
        int number = operations++;
        return number >= before && number < before + faults;
    }

    private void check(String what) throws IOException {
        if (fails()) {
            throw new IOException("No space left on device: " + what);
        }
    }

    @Override
    public File create(Path path) throws IOException {
        check("create");
        return new FaultyFile(disk.create(path));
    }

    @Override
    public File open(Path path) throws IOException {
        check("open");
        return new FaultyFile(disk.open(path));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        check("rename");
        disk.rename(from, to);
    }

    @Override
    public void force(Path folder) throws IOException {
        check("force a folder");
        disk.force(folder);
    }

    @Override
    public void delete(Path path) throws IOException {
        check("delete");
        disk.delete(path);
    }

    private final class FaultyFile implements File {
        private final File file;

        FaultyFile(File file) {
            this.file = file;
        }

        @Override
        public void append(Bytes bytes) throws IOException {
            if (fails()) {
                file.append(new Bytes().set(bytes.address(), bytes.length() / 2));
                throw new IOException("No space left on device: append");
            }
            file.append(bytes);
        }

        @Override
        public void read(long offset, Bytes into) throws IOException {
            check("read");
            file.read(offset, into);
        }

        @Override
        public long size() throws IOException {
            check("size");
            return file.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            check("truncate");
            file.truncate(bytes);
        }

        @Override
        public void overwrite(long offset, Bytes bytes) throws IOException {
            check("overwrite");
            file.overwrite(offset, bytes);
        }

        @Override
        public void force() throws IOException {
            check("force");
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
