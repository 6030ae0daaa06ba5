package io.nuthatch.persistence;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_ASYNC_LOADING;
import static io.nuthatch.engine.CommandFlag.NO_MULTI;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import java.util.Set;
import java.util.function.Supplier;

/// Snapshots on demand: the table, then the bodies in the same order.
public final class SaveCommands {
    private SaveCommands() {}

    /// @param snapshots those of the server that the commands are for
    public static Family family(Supplier<Snapshots> snapshots) {
        return Family.of(
                "server",
                Set.of(),
                row("BGSAVE [SCHEDULE | CANCEL]")
                        .is(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
                        .since("1.0.0")
                        .brief("Saves all databases to disk while commands go on.")
                        .answers((args, session, reply) -> saveInBackground(args, session, reply, snapshots.get())),
                row("LASTSAVE")
                        .is(LOADING, STALE, FAST)
                        .categories("admin", "dangerous")
                        .tips("nondeterministic_output")
                        .since("1.0.0")
                        .brief("Returns when the data was last saved, in seconds since 1970.")
                        .answers((_, _, reply) -> reply.integer(snapshots.get().savedSeconds())),
                row("SAVE")
                        .is(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
                        .since("1.0.0")
                        .brief("Saves all databases to disk, and answers when it is done.")
                        .cost("O(N), N being the number of keys.")
                        .answers((_, _, reply) -> save(reply, snapshots.get())));
    }

    private static void saveInBackground(Args args, Session session, ReplySink reply, Snapshots snapshots) {
        boolean schedules = args.has(1, "schedule");
        boolean cancels = args.has(1, "cancel");
        if (args.count() > 2 || args.count() == 2 && !schedules && !cancels) {
            throw CommandError.SYNTAX;
        }
        reply.simple(cancels ? snapshots.cancel() : snapshots.saveInBackground(session.isInExec(), schedules));
    }

    private static void save(ReplySink reply, Snapshots snapshots) {
        snapshots.save();
        reply.ok();
    }
}
