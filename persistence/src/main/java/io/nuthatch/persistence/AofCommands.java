package io.nuthatch.persistence;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_ASYNC_LOADING;

import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.resp.ReplySink;
import java.util.Set;
import java.util.function.Supplier;

/// The commands about the append-only file.
public final class AofCommands {
    private static final CommandError UNDER_WAY =
            CommandError.of("ERR Background append only file rewriting already in progress");

    private AofCommands() {}

    /// @param log the server's; asked for when a command runs
    public static Family family(Supplier<AppendOnlyFile> log) {
        return Family.of(
                "server",
                Set.of(),
                row("BGREWRITEAOF")
                        .is(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
                        .since("1.0.0")
                        .brief("Rewrites the append-only file in the background.")
                        .cost("O(N), N being the number of keys.")
                        .answers((args, session, reply) -> rewrite(reply, log.get())));
    }

    private static void rewrite(ReplySink reply, AppendOnlyFile log) {
        if (!log.rewrite()) {
            throw UNDER_WAY;
        }
        reply.simple("Background append only file rewriting started");
    }
}
