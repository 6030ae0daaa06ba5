package io.nuthatch.persistence;

/// Bytes that should be RDB and are not. It has no stack trace: whoever sends them should not cost much.
final class RdbCorruption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RdbCorruption(String message) {
        super(message, null, false, false);
    }
}
