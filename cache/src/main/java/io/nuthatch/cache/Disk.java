package io.nuthatch.cache;

import java.nio.file.Path;

/// A tier in a file of this process, which outlives it. Its name is `disk`.
///
/// What is removed is gone from the file before the call ends; what was put in the last second may be lost with
/// the process. Where memory follows a server, what was kept by an earlier process is stale: nobody knows what
/// happened meanwhile.
///
/// @param directory where the file `<cache>.mv` lies; one process at a time may use it
/// @param maxBytes how much the entries may take; those that would be gone first make room. The file may be larger
///     for a while
/// @param guard how much patience the cache has with it
public record Disk(Path directory, long maxBytes, Guard guard) {
    /// The name of the tier.
    public static final String NAME = "disk";

    private static final long DEFAULT_MAX_BYTES = 1L << 30;

    /// Refuses what makes no sense.
    public Disk {
        if (maxBytes < 1) {
            throw new ConfigurationException(
                    "disk", "must have room for a byte or more, was " + maxBytes, "write 1L << 30");
        }
    }

    /// In a directory, made if need be; a gigabyte at most.
    public static Disk in(Path directory) {
        return new Disk(directory, DEFAULT_MAX_BYTES, Guard.DEFAULT);
    }

    /// The same with another bound.
    public Disk maxBytes(long maxBytes) {
        return new Disk(directory, maxBytes, guard);
    }

    /// The same with another guard.
    public Disk guard(Guard guard) {
        return new Disk(directory, maxBytes, guard);
    }
}
