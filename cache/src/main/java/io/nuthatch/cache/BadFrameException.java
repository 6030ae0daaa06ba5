package io.nuthatch.cache;

import org.jspecify.annotations.Nullable;

/// Bytes of a lower tier that are no entry: another program's, another version's, or damaged. Counts as a miss.
final class BadFrameException extends RuntimeException {
    BadFrameException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    BadFrameException(String message) {
        this(message, null);
    }
}
