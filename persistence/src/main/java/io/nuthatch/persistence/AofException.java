package io.nuthatch.persistence;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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

    /// Why the system has refused something, in its words as far as there are any.
    static String why(IOException fault) {
        return switch (fault) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException refused when refused.getReason() != null -> refused.getReason();
            default -> String.valueOf(fault.getMessage());
        };
    }
}
