package io.nuthatch.resp;

/// The client has broken the protocol: it is told why, and the connection is closed.
///
/// The message is Redis's, without its `Protocol error: ` in front.
public final class ProtocolError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProtocolError(String message) {
        super(message, null, false, false);
    }
}
