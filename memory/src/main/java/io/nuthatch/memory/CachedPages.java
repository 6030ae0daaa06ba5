package io.nuthatch.memory;

import java.nio.file.Path;

/// What the system keeps in memory of a file: pages that were read, or written and may yet have to go to disk.
///
/// A file that is only written to would fill all the memory that nobody else has, with what nobody will read. So
/// whoever writes it may say that it is not needed: those pages are used for what is written next. In a virtual
/// machine a page that was never in use has to be got from the host first, which can cost ten times what copying the
/// bytes does.
///
/// Where the system has no such advice (macOS), or the file cannot be opened, all this does nothing.
///
/// Thread: one at a time. Memory: none; a file descriptor until [#close].
public final class CachedPages implements AutoCloseable {
    private static final int NONE = -1;

    private int descriptor;

    private CachedPages(int descriptor) {
        this.descriptor = descriptor;
    }

    /// Those of a file that is there.
    public static CachedPages of(Path file) {
        return new CachedPages(LibC.openToRead(file.toAbsolutePath().toString()));
    }

    /// Lets go of the pages that lie within a range of the file. What is not on disk stays, and begins to go there.
    public void drop(long from, long until) {
        if (descriptor != NONE && until > from) {
            LibC.adviseUnneeded(descriptor, from, until - from);
        }
    }

    @Override
    public void close() {
        if (descriptor != NONE) {
            LibC.close(descriptor);
            descriptor = NONE;
        }
    }
}
