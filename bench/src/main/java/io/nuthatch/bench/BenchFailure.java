package io.nuthatch.bench;

/// A benchmark that cannot go on: a server that does not start, an error reply, a connection that is closed. The
/// message is all that the user sees of it.
final class BenchFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchFailure(String message) {
        super(message);
    }

    BenchFailure(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
