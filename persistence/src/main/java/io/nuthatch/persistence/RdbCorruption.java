package io.nuthatch.persistence;

/// Bytes that should be RDB and are not. It has no stack trace: whoever sends them should not cost much.
final class RdbCorruption extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean empty;

    RdbCorruption(String message) {
        this(message, false);
    }

    private RdbCorruption(String message, boolean empty) {
        super(message, null, false, false);
        this.empty = empty;
    }

    /// A collection without elements, which is whole but is no value of a key.
    static RdbCorruption empty(RdbType type) {
        return new RdbCorruption("no key is empty: type=" + type, true);
    }

    /// Whether it is only that a collection has no elements.
    boolean isEmpty() {
        return empty;
    }
}
