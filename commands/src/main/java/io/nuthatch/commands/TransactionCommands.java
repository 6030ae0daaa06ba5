package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ALLOW_BUSY;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.SKIP_SLOWLOG;
import static io.nuthatch.engine.CommandFlag.STALE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Session;
import io.nuthatch.resp.ReplySink;
import java.util.Set;

/// Transactions: the table, then the bodies in the same order. The work is the engine's
/// ([io.nuthatch.engine.Transactions]).
public final class TransactionCommands {
    private TransactionCommands() {}

    public static Family family() {
        return Family.of(
                "transactions",
                Set.of("transaction"),
                row("DISCARD")
                        .is(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
                        .atOnce()
                        .since("2.0.0")
                        .brief("Discards a transaction.")
                        .cost("O(N), N being the number of queued commands.")
                        .answers(TransactionCommands::discard),
                row("EXEC")
                        .is(NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
                        .atOnce()
                        .since("1.2.0")
                        .brief("Runs the queued commands of a transaction, as one.")
                        .cost("Depends on the commands of the transaction.")
                        .answers(TransactionCommands::exec),
                row("MULTI")
                        .is(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
                        .atOnce()
                        .since("1.2.0")
                        .brief("Begins a transaction: the commands that follow are queued.")
                        .answers(TransactionCommands::multi),
                row("UNWATCH")
                        .is(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
                        .since("2.2.0")
                        .brief("Forgets about the watched keys.")
                        .answers(TransactionCommands::unwatch),
                row("WATCH @key [@key ...]")
                        .is(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
                        .atOnce()
                        .keys("RO")
                        .since("2.2.0")
                        .brief("Watches keys: if one of them changes, the next transaction does not run.")
                        .cost("O(1) for each key.")
                        .answers(TransactionCommands::watch));
    }

    private static void discard(Args ignored, Session session, ReplySink reply) {
        session.engine().transactions().discard(session);
        reply.ok();
    }

    private static void exec(Args ignored, Session session, ReplySink reply) {
        session.engine().transactions().exec(session, reply);
    }

    private static void multi(Args ignored, Session session, ReplySink reply) {
        session.engine().transactions().multi(session);
        reply.ok();
    }

    private static void unwatch(Args ignored, Session session, ReplySink reply) {
        session.engine().transactions().unwatch(session);
        reply.ok();
    }

    private static void watch(Args args, Session session, ReplySink reply) {
        session.engine().transactions().watch(session, args);
        reply.ok();
    }
}
