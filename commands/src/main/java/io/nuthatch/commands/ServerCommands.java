package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.ADMIN;
import static io.nuthatch.engine.CommandFlag.ALLOW_BUSY;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.LOADING;
import static io.nuthatch.engine.CommandFlag.NOSCRIPT;
import static io.nuthatch.engine.CommandFlag.NO_MULTI;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.STALE;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Persistence;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Version;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Tx;
import java.util.Set;

/// What concerns the server as a whole. The table, then the bodies in the same order.
///
/// COMMAND, CONFIG, DEBUG, INFO, LATENCY, MEMORY and SLOWLOG have files of their own.
@SuppressWarnings("StaticAssignmentOfThrowable") // They have neither stack trace nor suppressed exceptions to keep.
public final class ServerCommands {
    private static final CommandError NO_SHUTDOWN = CommandError.of("ERR No shutdown in progress.");

    private static final int LOLWUT_COLUMNS = 66;
    private static final int LOLWUT_ROWS = 24;
    private static final int LOLWUT_LEAST = 12;
    private static final int LOLWUT_MOST = 200;

    private ServerCommands() {}

    /// @param shutdown has the server end, without waiting for it: it is called on the thread of a connection
    public static Family family(Runnable shutdown) {
        return Family.of(
                "server",
                Set.of(),
                row("DBSIZE")
                        .is(READONLY, FAST)
                        .categories("keyspace")
                        .tips("request_policy:all_shards", "response_policy:agg_sum")
                        .since("1.0.0")
                        .brief("Returns the number of keys in the database.")
                        .does(ServerCommands::dbSize),
                row("FLUSHALL [ASYNC | SYNC]")
                        .is(WRITE)
                        .categories("keyspace", "dangerous")
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("1.0.0")
                        .brief("Removes all keys from all databases.")
                        .cost("O(1), the memory being freed in the background.")
                        .answers(ServerCommands::flushAll),
                row("FLUSHDB [ASYNC | SYNC]")
                        .is(WRITE)
                        .categories("keyspace", "dangerous")
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .since("1.0.0")
                        .brief("Removes all keys from the current database.")
                        .cost("O(1), the memory being freed in the background.")
                        .answers(ServerCommands::flushDb),
                row("LOLWUT [VERSION version] [columns [rows]]")
                        .is(READONLY, FAST)
                        .since("5.0.0")
                        .brief("Displays computer art and the version.")
                        .answers(ServerCommands::lolwut),
                row("MONITOR")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE)
                        .since("1.0.0")
                        .brief("Listens for all requests received by the server in real-time.")
                        .answers(ServerCommands::monitor),
                row("SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]")
                        .is(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
                        .since("1.0.0")
                        .brief("Shuts the server down.")
                        .answers((args, session, reply) -> shutdown(args, session, shutdown)),
                row("SWAPDB index1 index2")
                        .is(WRITE, FAST)
                        .categories("keyspace", "dangerous")
                        .since("4.0.0")
                        .brief("Swaps two databases.")
                        .answers(ServerCommands::swapDb),
                row("TIME")
                        .is(LOADING, STALE, FAST)
                        .tips("nondeterministic_output")
                        .since("2.6.0")
                        .brief("Returns the server's time.")
                        .answers(ServerCommands::time));
    }

    private static void dbSize(Args ignored, Tx tx, ReplySink reply) {
        reply.integer(tx.size(tx.db()));
    }

    private static void flushAll(Args args, Session session, ReplySink reply) {
        checkFlush(args);
        boolean alone = !session.tx().isLocked();
        session.tx().flushAll();
        session.tx().effect("FLUSHALL");
        freeFlushed(args, alone, session);
        if (alone) {
            session.tx().release();
        }
        session.engine().persistence().flushed(!alone);
        reply.ok();
    }

    private static void checkFlush(Args args) {
        if (args.count() > 2 || args.count() == 2 && !args.is(1, "async") && !args.is(1, "sync")) {
            throw CommandError.SYNTAX;
        }
    }

    /// Unless ASYNC is said, the reply waits until the memory is free. Inside a transaction it cannot: what drains
    /// the dropped tables needs the locks that the transaction holds.
    private static void freeFlushed(Args args, boolean alone, Session session) {
        if (!args.has(1, "async") && alone) {
            session.tx().release();
            session.engine().keyspace().collectAll();
        }
    }

    private static void flushDb(Args args, Session session, ReplySink reply) {
        checkFlush(args);
        boolean alone = !session.tx().isLocked();
        session.tx().flush(session.tx().db());
        session.tx().effect("FLUSHDB");
        freeFlushed(args, alone, session);
        reply.ok();
    }

    /// There is one picture so far, whatever version of it is asked for.
    private static void lolwut(Args args, Session session, ReplySink reply) {
        boolean version = args.has(1, "version") && args.count() > 2;
        if (version) {
            args.integer(2);
        }
        int first = version ? 3 : 1;
        String picture = Lolwut.draw(
                size(args, first, LOLWUT_COLUMNS),
                size(args, first + 1, LOLWUT_ROWS),
                session.worker().random());
        reply.verbatim("txt", picture + "\nNuthatch " + Version.NUTHATCH + ", Redis ver. " + Version.REDIS + "\n");
    }

    private static int size(Args args, int index, int usual) {
        return index < args.count() ? Math.clamp(args.integer(index), LOLWUT_LEAST, LOLWUT_MOST) : usual;
    }

    private static void monitor(Args ignored, Session session, ReplySink reply) {
        if (!session.isMonitor()) {
            session.engine().monitors().add(session);
        }
        reply.ok();
    }

    /// Saves first, if it is to. No shutdown takes long enough for ABORT to stop it. The client sees its
    /// connection end, or is told that saving has failed; then the server goes on.
    private static void shutdown(Args args, Session session, Runnable shutdown) {
        boolean save = false;
        boolean noSave = false;
        boolean abort = false;
        boolean force = false;
        for (int i = 1; i < args.count(); i++) {
            save |= args.is(i, "save");
            noSave |= args.is(i, "nosave");
            abort |= args.is(i, "abort");
            force |= args.is(i, "force");
            boolean known = args.is(i, "save") || args.is(i, "nosave") || args.is(i, "abort") || args.is(i, "force");
            if (!known && !args.is(i, "now")) {
                throw CommandError.SYNTAX;
            }
        }
        if (save && noSave || abort && args.count() > 2) {
            throw CommandError.SYNTAX;
        }
        if (abort) {
            throw NO_SHUTDOWN;
        }
        Persistence.AtEnd saving =
                save ? Persistence.AtEnd.SAVE : noSave ? Persistence.AtEnd.NO_SAVE : Persistence.AtEnd.IF_CONFIGURED;
        try {
            session.engine().persistence().saveAtEnd(saving);
        } catch (CommandError failed) {
            if (!force) {
                throw failed;
            }
        }
        session.close();
        shutdown.run();
    }

    private static void swapDb(Args args, Session session, ReplySink reply) {
        long one = databaseNumber(args, 1, "first");
        long other = databaseNumber(args, 2, "second");
        session.tx().swap(database(one, session), database(other, session));
        reply.ok();
    }

    private static long databaseNumber(Args args, int index, String which) {
        return args.integer(
                index, Integer.MIN_VALUE, Integer.MAX_VALUE, CommandError.of("ERR invalid " + which + " DB index"));
    }

    private static int database(long db, Session session) {
        if (db < 0 || db >= session.engine().keyspace().databases()) {
            throw CommandError.DB_INDEX_OUT_OF_RANGE;
        }
        return (int) db;
    }

    private static void time(Args ignored, Session session, ReplySink reply) {
        long micros = session.engine().clock().wallMicros();
        reply.array(2);
        reply.bulkInteger(micros / 1_000_000);
        reply.bulkInteger(micros % 1_000_000);
    }
}
