package io.nuthatch.server;

import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandFlag;
import io.nuthatch.engine.Gate;
import io.nuthatch.engine.Worker;
import io.nuthatch.store.Keyspace;

/// The gates that every command passes.
final class Gates {
    private Gates() {}

    /// Nothing but the commands for it before a client has said who it is.
    static Gate password() {
        return (session, command, args) ->
                session.isAuthenticated() || command.is(CommandFlag.NO_AUTH) ? null : CommandError.NO_AUTH;
    }

    /// DEBUG only for those whom the configuration allows it.
    static Gate danger() {
        return (session, command, args) -> command.is(CommandFlag.PROTECTED)
                        && !session.isAllowed(session.engine().config().enableDebugCommand)
                ? CommandError.DEBUG_NOT_ALLOWED
                : null;
    }

    /// Nothing that may take memory when there is none left, even after evicting. The request's own size counts,
    /// so a single large value cannot carry the store over its limit.
    static Gate memory(Keyspace keyspace) {
        return (session, command, args) -> {
            if (keyspace.settings().maxMemoryBytes == 0 || !command.is(CommandFlag.DENYOOM)) {
                return null;
            }
            Worker worker = session.worker();
            boolean fits = worker.tx().makeRoom(args.wireBytes(), worker.nowMs());
            return fits ? null : CommandError.OUT_OF_MEMORY;
        };
    }
}
