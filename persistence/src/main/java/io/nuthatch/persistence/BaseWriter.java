package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.file.Path;

/// Writes all keys as they are at one moment, for a log to begin with.
interface BaseWriter {
    /// Writes a file, which takes the place of one that may be there when it is whole.
    ///
    /// @param temporary its name until then, in the same folder
    /// @param atTheCut is run at the moment, while everything stands still
    /// @throws IOException if it cannot be written
    void write(Path target, Path temporary, Runnable atTheCut) throws IOException;

    /// Whether something else is being written, so that a file would have to wait for it.
    boolean isBusy();

    /// Whether a file waits for what else is being written.
    boolean waits();

    /// Has what is being written end soon, with nothing to show for it; and whatever would be written from now on.
    void cancel();
}
