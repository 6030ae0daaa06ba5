package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.file.Path;

/// A log that cannot be loaded, and what to do about it: one sentence for whoever starts the server.
public final class AofException extends IOException {
    private static final long serialVersionUID = 1L;

    private AofException(String sentence) {
        super(sentence);
    }

    /// @param remedy what to do, as the second half of a sentence
    static AofException of(Path file, String what, String remedy) {
        return new AofException(file + " " + what + ": " + remedy);
    }
}
