package io.nuthatch.engine;

import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Keyspace;
import io.nuthatch.store.Tx;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// MULTI, EXEC, DISCARD, WATCH and UNWATCH.
///
/// ```
///   MULTI -> each command: gates, then its words are copied into the client's queue -> QUEUED
///   EXEC  -> lock the shards of all keys of the queue and of all watched keys, once, in ascending order
///            -> watched keys unchanged? -> run each command under these locks -> release
/// ```
/// So a transaction is atomic across shards. If a command's keys cannot be told beforehand, or it works on the
/// whole key space, all shards are locked.
///
/// Errors: those of Redis's `multi.c`.
public final class Transactions {
    private static final CommandError NESTED = CommandError.of("ERR MULTI calls can not be nested");
    private static final CommandError EXEC_WITHOUT_MULTI = CommandError.of("ERR EXEC without MULTI");
    private static final CommandError DISCARD_WITHOUT_MULTI = CommandError.of("ERR DISCARD without MULTI");
    private static final CommandError WATCH_IN_MULTI = CommandError.of("ERR WATCH inside MULTI is not allowed");
    private static final CommandError ABORTED =
            CommandError.of("EXECABORT Transaction discarded because of previous errors.");

    private final Engine engine;
    private final Watches watches;

    Transactions(Engine engine, Watches watches) {
        this.engine = engine;
        this.watches = watches;
    }

    public void multi(Session session) {
        if (session.multi() != null) {
            throw NESTED;
        }
        session.multi(session.worker().takeMulti());
    }

    public void discard(Session session) {
        if (session.multi() == null) {
            throw DISCARD_WITHOUT_MULTI;
        }
        leave(session);
        unwatch(session);
    }

    /// Watches the keys that are a request's words from the first one on. Their shards are locked.
    public void watch(Session session, Args args) {
        if (session.multi() != null) {
            throw WATCH_IN_MULTI;
        }
        for (int i = 1; i < args.count(); i++) {
            int shard = Keyspace.shardOf(engine.keyspace().hash(args.bytes(i)));
            watches.add(session.watcher(), session.db(), args.bytes(i), shard);
        }
    }

    /// Watches nothing any more. No shard is locked yet.
    public void unwatch(Session session) {
        if (session.watchedKeys() > 0) {
            session.tx().lock(session.watcher().shards());
            watches.clear(session.watcher());
        }
    }

    /// Ends a client's transaction and its watches; the client goes, or begins anew.
    void end(Session session) {
        leave(session);
        if (session.watchedKeys() > 0) {
            Tx tx = session.tx().begin(session.db(), session.worker().nowMs(), true);
            try {
                unwatch(session);
            } finally {
                tx.end();
            }
        }
    }

    private static void leave(Session session) {
        Multi multi = session.multi();
        if (multi != null) {
            session.multi(null);
            session.worker().give(multi);
        }
    }

    /// Runs the queue.
    public void exec(Session session, ReplySink reply) {
        Multi multi = session.multi();
        if (multi == null) {
            throw EXEC_WITHOUT_MULTI;
        }
        session.multi(null);
        try {
            Tx tx = session.tx();
            long shards = session.watcher().shards() | (multi.isBroken() ? 0 : shards(multi, tx));
            engine.lock(tx, shards, multi.writes());
            try {
                if (multi.isBroken()) {
                    throw ABORTED;
                }
                if (watches.isSpoiled(session.watcher(), tx)) {
                    reply.nullArray();
                    return;
                }
            } finally {
                watches.clear(session.watcher());
            }
            run(session, multi, reply);
        } finally {
            session.worker().give(multi);
        }
    }

    private void run(Session session, Multi multi, ReplySink reply) {
        session.inExec(true);
        try {
            reply.array(multi.count());
            for (int i = 0; i < multi.count(); i++) {
                engine.runQueued(session, multi.call(i), reply);
            }
        } finally {
            session.inExec(false);
        }
    }

    private long shards(Multi multi, Tx tx) {
        long shards = 0;
        for (int i = 0; i < multi.count(); i++) {
            Call call = multi.call(i);
            Command command = call.known();
            shards |= command.tellsAllKeys() ? engine.shards(call, command, tx) : Keyspace.ALL_SHARDS;
        }
        return shards;
    }

    /// EXEC was refused, and with it the transaction.
    ///
    /// @param why the refusal of EXEC or of one of its commands
    CommandError abort(Session session, CommandError why) {
        end(session);
        String line = why.line();
        return CommandError.of("EXECABORT Transaction discarded because of: "
                + (line.startsWith("ERR ") ? line.substring("ERR ".length()) : line));
    }

    /// Whether a command is queued rather than run.
    static boolean queues(Session session, Command command) {
        return session.multi() != null && command.isQueuedByMulti();
    }

    /// Queues a command.
    ///
    /// @return false if there is no room for it
    boolean queue(Session session, Call call, Command command) {
        Multi multi = Objects.requireNonNull(session.multi());
        multi.add(call, command);
        return multi.bytes() <= engine.config().clientQueryBufferLimit.value();
    }

    /// A command was refused: EXEC will be, too.
    static void breakOff(Session session) {
        Multi multi = session.multi();
        if (multi != null) {
            multi.breakOff();
        }
    }

    /// Whether a queued command may change something.
    static boolean writes(Session session) {
        Multi multi = session.multi();
        return multi != null && multi.writes();
    }

    /// The first refusal of a queued command by a gate, or null.
    static @Nullable CommandError refusal(Session session, List<Gate> gates) {
        Multi multi = session.multi();
        if (multi == null) {
            return null;
        }
        for (int i = 0; i < multi.count(); i++) {
            Call call = multi.call(i);
            for (int gate = 0; gate < gates.size(); gate++) {
                CommandError refusal = gates.get(gate).refuse(session, call.known(), call.args());
                if (refusal != null) {
                    return refusal;
                }
            }
        }
        return null;
    }
}
