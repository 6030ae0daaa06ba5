package io.nuthatch.persistence;

import io.nuthatch.memory.Bytes;
import java.io.IOException;
import java.nio.file.Path;

/// The system's disk, which calls somebody whenever something has been added to a file on the thread that made it: no
/// lock of the store is held then.
final class CallingDisk extends PlainDisk {
    private final Runnable called;
    private boolean calls;

    CallingDisk(Runnable called) {
        this.called = called;
    }

    @Override
    public File create(Path path) throws IOException {
        File file = super.create(path);
        return path.toString().endsWith(RdbSave.SPILL_SUFFIX) ? file : new CallingFile(file);
    }

    private final class CallingFile extends PlainFile {
        CallingFile(File file) {
            super(file);
        }

        /// Not while it is called: what somebody does may write to the file itself.
        @Override
        public void append(Bytes bytes) throws IOException {
            super.append(bytes);
            if (!calls) {
                calls = true;
                called.run();
                calls = false;
            }
        }
    }
}
