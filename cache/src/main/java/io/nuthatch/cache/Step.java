package io.nuthatch.cache;

/// Where a change is on its way through write-behind. The tests of crashes kill the process at each of these.
enum Step {
    /// Its bytes are about to be written to the journal.
    WRITING,
    /// They are written; a process that dies leaves them, a machine may not.
    WRITTEN,
    /// They are on the disk.
    SYNCED,
    /// It waits in the queue, and whoever wrote it is told.
    QUEUED,
    /// A new file of the journal is there.
    ROTATED,
    /// A batch was put together and is about to be given to the store.
    TAKEN,
    /// The store has made it, and nobody here knows.
    APPLIED,
    /// The queue has let go of it.
    DONE,
    /// A file of the journal whose changes are all made is about to be deleted.
    TRIMMING,
    /// It is deleted.
    TRIMMED;

    /// Who is told.
    @FunctionalInterface
    interface Listener {
        /// Nobody.
        Listener NONE = step -> {};

        void at(Step step);
    }
}
