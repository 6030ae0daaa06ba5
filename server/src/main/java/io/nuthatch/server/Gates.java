package io.nuthatch.server;

import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandFlag;
import io.nuthatch.engine.Gate;
import io.nuthatch.engine.Worker;
import io.nuthatch.store.Keyspace;
import java.util.Set;

/// The gates that every command passes.
final class Gates {
    private static final Set<String> FOR_SUBSCRIBERS = Set.of(
            "subscribe",
            "unsubscribe",
            "psubscribe",
            "punsubscribe",
            "ssubscribe",
            "sunsubscribe",
            "ping",
            "quit",
            "reset");

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

    /// Nothing but what says so of itself while data is being read from disk.
    static Gate loading() {
        return (session, command, args) ->
                session.engine().loading().isOn() && !command.is(CommandFlag.LOADING) ? CommandError.LOADING : null;
    }

    /// No writes while they cannot be brought to disk. PING is refused as well, for those who look whether all is well.
    static Gate disk() {
        return (session, command, args) -> {
            if (!command.is(CommandFlag.WRITE) && !command.fullName().equals("ping")) {
                return null;
            }
            CommandError unsaved = session.engine().persistence().refusal();
            return unsaved == null ? session.engine().durability().fault() : unsaved;
        };
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

    /// Only what deals with subscriptions for a subscriber that speaks RESP2, since it could not tell replies from
    /// messages.
    static Gate subscriber() {
        return (session, command, args) ->
                session.isSubscriber() && session.protocol() == 2 && !FOR_SUBSCRIBERS.contains(command.fullName())
                        ? CommandError.notWhileSubscribed(command.fullName())
                        : null;
    }
}
