package io.nuthatch.server;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.CommandFlag;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Gate;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Worker;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.StoreSettings;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The gates that every command passes, in the order in which they are asked. They are one [Gate], so that the
/// compiler of the JVM sees through it: a list of them would be as many calls, each of which may lead anywhere, for
/// each command.
final class Gates implements Gate {
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

    private final StoreSettings settings;

    Gates(Keyspace keyspace) {
        this.settings = keyspace.settings();
    }

    @Override
    public @Nullable CommandError refuse(Session session, Command command, Args args) {
        if (!session.isAuthenticated() && !command.is(CommandFlag.NO_AUTH)) {
            return CommandError.NO_AUTH;
        }
        Engine engine = session.engine();
        if (command.is(CommandFlag.PROTECTED) && !session.isAllowed(engine.config().enableDebugCommand)) {
            return CommandError.DEBUG_NOT_ALLOWED;
        }
        if (engine.loading().isOn() && !command.is(CommandFlag.LOADING)) {
            return CommandError.LOADING;
        }
        if (settings.maxMemoryBytes != 0 && command.is(CommandFlag.DENYOOM) && !fits(session.worker(), args)) {
            return CommandError.OUT_OF_MEMORY;
        }
        if (command.is(CommandFlag.WRITE) || command.fullName().equals("ping")) {
            CommandError refusal = disk(engine);
            if (refusal != null) {
                return refusal;
            }
        }
        return session.isSubscriber() ? whileSubscribed(session, command) : null;
    }

    /// Nothing that may take memory when there is none left, even after evicting. The request's own size counts,
    /// so a single large value cannot carry the store over its limit.
    private static boolean fits(Worker worker, Args args) {
        return worker.tx().makeRoom(args.wireBytes(), worker.nowMs());
    }

    /// No writes while they cannot be brought to disk. PING is refused as well, for those who look whether all is
    /// well.
    private static @Nullable CommandError disk(Engine engine) {
        CommandError unsaved = engine.persistence().refusal();
        return unsaved == null ? engine.durability().fault() : unsaved;
    }

    /// Only what deals with subscriptions for a subscriber that speaks RESP2, since it could not tell replies from
    /// messages.
    private static @Nullable CommandError whileSubscribed(Session session, Command command) {
        return session.protocol() == 2 && !FOR_SUBSCRIBERS.contains(command.fullName())
                ? CommandError.notWhileSubscribed(command.fullName())
                : null;
    }
}
