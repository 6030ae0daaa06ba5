package io.nuthatch.persistence;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.BLOCKING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_ASYNC_LOADING;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Wait;
import io.nuthatch.resp.ReplySink;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The commands about the append-only file.
public final class AofCommands {
    private static final CommandError UNDER_WAY =
            CommandError.of("ERR Background append only file rewriting already in progress");

    private static final CommandError NO_LOG =
            CommandError.of("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");

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
                        .answers((_, session, reply) -> rewrite(session, reply, log.get())));
    }

    /// What clients in general may want to know of it.
    public static Family waiting() {
        return Family.of(
                "generic",
                Set.of(),
                row("WAITAOF numlocal numreplicas timeout")
                        .is(BLOCKING)
                        .categories("connection")
                        .tips("request_policy:all_shards", "response_policy:agg_min")
                        .since("7.2.0")
                        .brief("Waits until what the client has changed is on disk, here and with replicas.")
                        .answersInTime(AofCommands::await));
    }

    /// Within a transaction it waits for the locks that EXEC holds.
    private static void rewrite(Session session, ReplySink reply, AppendOnlyFile log) {
        boolean later = session.isInExec() || log.mustWait();
        if (!log.rewrite()) {
            throw UNDER_WAY;
        }
        reply.simple("Background append only file rewriting " + (later ? "scheduled" : "started"));
    }

    /// There are no replicas: more than none of them never have it.
    private static @Nullable Wait await(Args args, Session session, ReplySink reply) {
        long here = args.integer(1);
        if (here < 0 || here > 1) {
            throw CommandError.outOfRange(0, 1);
        }
        long replicas = args.integer(2);
        if (replicas < 0) {
            throw CommandError.NOT_POSITIVE;
        }
        long timeoutMs = args.timeoutInMs(3, session.worker().nowMs());
        Engine engine = session.engine();
        long end = session.writtenEnd();
        refuseWithoutLog(here, engine);
        Consumer<ReplySink> tell = to -> {
            to.array(2);
            to.integer(engine.durability().isOnDisk(end) ? 1 : 0);
            to.integer(0);
        };
        if (replicas == 0 && (here == 0 || engine.durability().isOnDisk(end))) {
            tell.accept(reply);
            return null;
        }
        return Wait.forServer(timeoutMs, (_, _, _, to) -> {
                    refuseWithoutLog(here, engine);
                    boolean done = replicas == 0 && engine.durability().isOnDisk(end);
                    if (done) {
                        tell.accept(to);
                    }
                    return done;
                })
                .orElse(tell)
                .orElseAtOnce(tell);
    }

    /// A log that is turned off meanwhile will not have it either.
    private static void refuseWithoutLog(long here, Engine engine) {
        if (here > 0 && !engine.config().appendonly.isOn()) {
            throw NO_LOG;
        }
    }
}
