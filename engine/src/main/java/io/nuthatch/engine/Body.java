package io.nuthatch.engine;

import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Tx;
import org.jspecify.annotations.Nullable;

/// What a command does: to keys, at once or when they have what it waits for; or to the client or the server, at once
/// or when that has come to be.
public sealed interface Body {
    /// The body of a command on keys. The shards of the declared keys are locked around it.
    @FunctionalInterface
    non-sealed interface OnKeys extends Body {
        void run(Args args, Tx tx, ReplySink reply);
    }

    /// The body of a command on keys that waits when it finds nothing. The shards of the declared keys are locked
    /// around it.
    @FunctionalInterface
    non-sealed interface Waiting extends Body {
        /// @return null if it has answered; if not, what it waits for
        @Nullable
        Wait run(Args args, Tx tx, ReplySink reply);
    }

    /// The body of a command on the client or the server. It holds no lock unless it has declared keys.
    @FunctionalInterface
    non-sealed interface OnSession extends Body {
        void run(Args args, Session session, ReplySink reply);
    }

    /// The body of a command on the client or the server that may have to wait. It holds no lock.
    @FunctionalInterface
    non-sealed interface WaitingOnSession extends Body {
        /// @return null if it has answered; if not, what it waits for
        @Nullable
        Wait run(Args args, Session session, ReplySink reply);
    }
}
