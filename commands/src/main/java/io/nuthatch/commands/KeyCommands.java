package io.nuthatch.commands;

import static io.nuthatch.engine.Command.row;
import static io.nuthatch.engine.CommandFlag.DENYOOM;
import static io.nuthatch.engine.CommandFlag.FAST;
import static io.nuthatch.engine.CommandFlag.READONLY;
import static io.nuthatch.engine.CommandFlag.WRITE;

import io.nuthatch.engine.Args;
import io.nuthatch.engine.Command;
import io.nuthatch.engine.CommandError;
import io.nuthatch.engine.Family;
import io.nuthatch.engine.Glob;
import io.nuthatch.engine.Session;
import io.nuthatch.memory.Bytes;
import io.nuthatch.memory.Scratch;
import io.nuthatch.resp.ReplySink;
import io.nuthatch.store.Entry;
import io.nuthatch.store.HashValue;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.ListValue;
import io.nuthatch.store.SetValue;
import io.nuthatch.store.SortedSetValue;
import io.nuthatch.store.StreamValue;
import io.nuthatch.store.StringValue;
import io.nuthatch.store.Tx;
import io.nuthatch.store.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keys, whatever they hold: the table, then the bodies in the same order.
public final class KeyCommands {
    private static final int NO_KEY = -2;
    private static final int NO_EXPIRATION = -1;
    private static final int DEFAULT_SCAN_COUNT = 10;

    private static final String POLICY_NOTE = " Please note that when switching between policies at runtime LRU and"
            + " LFU data will take some time to adjust.";

    private KeyCommands() {}

    public static Family family() {
        return Family.of(
                "generic",
                Set.of("keyspace"),
                row("COPY @source @destination [DB destination-db] [REPLACE]")
                        .is(WRITE, DENYOOM)
                        .keys("RO access", "OW update")
                        .since("6.2.0")
                        .brief("Copies the value and the expiration of a key to another key.")
                        .cost("O(N), N being the size of the value.")
                        .answers(KeyCommands::copy),
                row("DEL @key [@key ...]")
                        .is(WRITE)
                        .keys("RM delete")
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .since("1.0.0")
                        .brief("Deletes one or more keys.")
                        .cost("O(N), N being the number of keys.")
                        .does(KeyCommands::del),
                row("EXISTS @key [@key ...]")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .since("1.0.0")
                        .brief("Counts the keys that exist; one that is named twice counts twice.")
                        .cost("O(N), N being the number of keys.")
                        .does(KeyCommands::exists),
                row("EXPIRE @key seconds [NX | XX | GT | LT]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("1.0.0")
                        .brief("Sets the expiration of a key, in seconds from now.")
                        .does(KeyCommands::expire),
                row("EXPIREAT @key unix-time-seconds [NX | XX | GT | LT]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("1.2.0")
                        .brief("Sets the expiration of a key, in seconds since 1970.")
                        .does(KeyCommands::expireAt),
                row("EXPIRETIME @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.0.0")
                        .brief("Returns the expiration of a key, in seconds since 1970.")
                        .does(KeyCommands::expireTime),
                row("KEYS pattern")
                        .is(READONLY)
                        .categories("keyspace", "dangerous")
                        .tips("request_policy:all_shards", "nondeterministic_output_order")
                        .since("1.0.0")
                        .brief("Returns all keys that match a pattern.")
                        .cost("O(N), N being the number of keys in the database.")
                        .does(KeyCommands::keys),
                row("MOVE @key db")
                        .is(WRITE, FAST)
                        .keys("RW access update")
                        .since("1.0.0")
                        .brief("Moves a key to another database.")
                        .answers(KeyCommands::move),
                Command.container("OBJECT", "2.2.3", "A container for commands that look into the values of keys."),
                row("OBJECT ENCODING @key")
                        .is(READONLY)
                        .keys("RO")
                        .tips("nondeterministic_output")
                        .since("2.2.3")
                        .brief("Returns the internal encoding of the value of a key.")
                        .does(KeyCommands::objectEncoding),
                row("OBJECT FREQ @key")
                        .is(READONLY)
                        .keys("RO")
                        .tips("nondeterministic_output")
                        .since("4.0.0")
                        .brief("Returns the logarithmic count of the uses of a key.")
                        .answers(KeyCommands::objectFreq),
                Command.help("OBJECT", "6.2.0"),
                row("OBJECT IDLETIME @key")
                        .is(READONLY)
                        .keys("RO")
                        .tips("nondeterministic_output")
                        .since("2.2.3")
                        .brief("Returns the seconds since the last use of a key.")
                        .answers(KeyCommands::objectIdleTime),
                row("OBJECT REFCOUNT @key")
                        .is(READONLY)
                        .keys("RO")
                        .tips("nondeterministic_output")
                        .since("2.2.3")
                        .brief("Returns the reference count of the value of a key.")
                        .does(KeyCommands::objectRefCount),
                row("PERSIST @key")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("2.2.0")
                        .brief("Removes the expiration of a key.")
                        .does(KeyCommands::persist),
                row("PEXPIRE @key milliseconds [NX | XX | GT | LT]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("2.6.0")
                        .brief("Sets the expiration of a key, in milliseconds from now.")
                        .does(KeyCommands::pExpire),
                row("PEXPIREAT @key unix-time-milliseconds [NX | XX | GT | LT]")
                        .is(WRITE, FAST)
                        .keys("RW update")
                        .since("2.6.0")
                        .brief("Sets the expiration of a key, in milliseconds since 1970.")
                        .does(KeyCommands::pExpireAt),
                row("PEXPIRETIME @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .since("7.0.0")
                        .brief("Returns the expiration of a key, in milliseconds since 1970.")
                        .does(KeyCommands::pExpireTime),
                row("PTTL @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("2.6.0")
                        .brief("Returns how long a key has left, in milliseconds.")
                        .does(KeyCommands::pTtl),
                row("RANDOMKEY")
                        .is(READONLY)
                        .tips("request_policy:all_shards", "response_policy:special", "nondeterministic_output")
                        .since("1.0.0")
                        .brief("Returns a random key of the database.")
                        .does(KeyCommands::randomKey),
                row("RENAME @key @newkey")
                        .is(WRITE)
                        .keys("RW access delete", "OW update")
                        .since("1.0.0")
                        .brief("Renames a key, in place of what the new name held.")
                        .does(KeyCommands::rename),
                row("RENAMENX @key @newkey")
                        .is(WRITE, FAST)
                        .keys("RW access delete", "OW insert")
                        .since("1.0.0")
                        .brief("Renames a key, only if the new name is not taken.")
                        .does(KeyCommands::renameNx),
                row("SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]")
                        .is(READONLY)
                        .tips("nondeterministic_output", "request_policy:special", "response_policy:special")
                        .since("2.8.0")
                        .brief("Visits the keys of the database, a part with each call.")
                        .cost("O(1) for each call, O(N) for all, N being the number of keys in the database.")
                        .does(KeyCommands::scan),
                row("TOUCH @key [@key ...]")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .since("3.2.1")
                        .brief("Counts the keys that exist, and counts this as a use of them.")
                        .cost("O(N), N being the number of keys.")
                        .does(KeyCommands::touch),
                row("TTL @key")
                        .is(READONLY, FAST)
                        .keys("RO access")
                        .tips("nondeterministic_output")
                        .since("1.0.0")
                        .brief("Returns how long a key has left, in seconds.")
                        .does(KeyCommands::ttl),
                row("TYPE @key")
                        .is(READONLY, FAST)
                        .keys("RO")
                        .since("1.0.0")
                        .brief("Returns the type of the value of a key.")
                        .does(KeyCommands::type),
                row("UNLINK @key [@key ...]")
                        .is(WRITE, FAST)
                        .keys("RM delete")
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .since("4.0.0")
                        .brief("Deletes one or more keys.")
                        .cost("O(N), N being the number of keys.")
                        .does(KeyCommands::del));
    }

    private static void copy(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        int toDb = tx.db();
        boolean replaces = false;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "replace")) {
                replaces = true;
            } else if (args.is(i, "db") && i + 1 < args.count()) {
                toDb = db(args, ++i, session);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        Bytes to = args.bytes(2);
        if (toDb == tx.db() && args.bytes(1).equals(to)) {
            throw CommandError.SAME_OBJECT;
        }
        Entry from = tx.read(args.bytes(1));
        if (from == null || tx.find(to, toDb) != null && !replaces) {
            reply.integer(0);
            return;
        }
        tx.copy(from, to, toDb);
        tx.changed(to, toDb, KeyEvent.COPY_TO);
        reply.integer(1);
    }

    private static int db(Args args, int index, Session session) {
        long db = args.integer(index);
        if (db != (int) db) {
            throw CommandError.NOT_32_BITS;
        }
        if (db < 0 || db >= session.engine().config().databases.value()) {
            throw CommandError.DB_INDEX_OUT_OF_RANGE;
        }
        return (int) db;
    }

    private static void del(Args args, Tx tx, ReplySink reply) {
        int deleted = 0;
        for (int i = 1; i < args.count(); i++) {
            Entry entry = tx.find(args.bytes(i));
            if (entry != null) {
                entry.delete();
                deleted++;
            }
        }
        reply.integer(deleted);
    }

    private static void exists(Args args, Tx tx, ReplySink reply) {
        int found = 0;
        for (int i = 1; i < args.count(); i++) {
            if (tx.look(args.bytes(i)) != null) {
                found++;
            }
        }
        reply.integer(found);
    }

    private static void expire(Args args, Tx tx, ReplySink reply) {
        expire(ExpireTime.EX, "expire", args, tx, reply);
    }

    private static void expireAt(Args args, Tx tx, ReplySink reply) {
        expire(ExpireTime.EXAT, "expireat", args, tx, reply);
    }

    private static void expire(ExpireTime time, String command, Args args, Tx tx, ReplySink reply) {
        ExpireCondition condition = ExpireCondition.parse(args);
        long deadlineMs = time.deadlineMs(args.integer(2), tx, command);
        Entry entry = tx.write(args.bytes(1));
        if (entry == null || !condition.isMet(entry.deadlineMs(), deadlineMs)) {
            reply.integer(0);
            return;
        }
        expire(entry, args.bytes(1), deadlineMs, tx);
        reply.integer(1);
    }

    /// Gives a key a deadline; one that is past ends it at once.
    static void expire(Entry entry, Bytes key, long deadlineMs, Tx tx) {
        if (tx.isPast(deadlineMs)) {
            entry.delete();
            tx.effect("DEL").add(key);
        } else {
            entry.deadlineMs(deadlineMs);
            tx.changed(key, KeyEvent.EXPIRE);
            tx.effect("PEXPIREAT").add(key).add(deadlineMs);
        }
    }

    /// When EXPIRE and its kin go ahead. A key without a deadline counts as one that lives for ever.
    private record ExpireCondition(boolean nx, boolean xx, boolean gt, boolean lt) {
        static ExpireCondition parse(Args args) {
            boolean nx = false;
            boolean xx = false;
            boolean gt = false;
            boolean lt = false;
            for (int i = 3; i < args.count(); i++) {
                if (args.is(i, "nx")) {
                    nx = true;
                } else if (args.is(i, "xx")) {
                    xx = true;
                } else if (args.is(i, "gt")) {
                    gt = true;
                } else if (args.is(i, "lt")) {
                    lt = true;
                } else {
                    throw CommandError.of("ERR Unsupported option " + args.cited(i));
                }
            }
            if (nx && (xx || gt || lt)) {
                throw CommandError.of("ERR NX and XX, GT or LT options at the same time are not compatible");
            }
            if (gt && lt) {
                throw CommandError.of("ERR GT and LT options at the same time are not compatible");
            }
            return new ExpireCondition(nx, xx, gt, lt);
        }

        boolean isMet(long oldMs, long newMs) {
            boolean had = oldMs != Tx.NO_DEADLINE;
            return !(nx && had) && !(xx && !had) && !(gt && (!had || newMs <= oldMs)) && !(lt && had && newMs >= oldMs);
        }
    }

    private static void expireTime(Args args, Tx tx, ReplySink reply) {
        replyTime(args, tx, 0, 1000, reply);
    }

    /// Replies with a key's deadline, counted from a moment.
    private static void replyTime(Args args, Tx tx, long sinceMs, int unitMs, ReplySink reply) {
        Entry entry = tx.look(args.bytes(1));
        if (entry == null) {
            reply.integer(NO_KEY);
        } else if (entry.deadlineMs() == Tx.NO_DEADLINE) {
            reply.integer(NO_EXPIRATION);
        } else {
            // Redis rounds to the nearest second; the sum is split so that it cannot overflow.
            long ms = entry.deadlineMs() - sinceMs;
            reply.integer(ms / unitMs + (ms % unitMs + unitMs / 2) / unitMs);
        }
    }

    private static void keys(Args args, Tx tx, ReplySink reply) {
        Glob pattern = new Glob(args.bytes(1));
        Bytes key = new Bytes();
        int[] matches = {0};
        long opened = reply.openArray();
        tx.keys(entry -> {
            if (pattern.selects(entry.key(key))) {
                reply.bulk(key);
                matches[0]++;
            }
        });
        reply.closeArray(opened, matches[0]);
    }

    private static void move(Args args, Session session, ReplySink reply) {
        Tx tx = session.tx();
        int toDb = db(args, 2, session);
        if (toDb == tx.db()) {
            throw CommandError.SAME_OBJECT;
        }
        Entry entry = tx.write(args.bytes(1));
        if (entry == null || tx.find(args.bytes(1), toDb) != null) {
            reply.integer(0);
            return;
        }
        tx.move(entry, toDb);
        tx.changed(args.bytes(1), KeyEvent.MOVE_FROM);
        tx.changed(args.bytes(1), toDb, KeyEvent.MOVE_TO);
        reply.integer(1);
    }

    private static void objectEncoding(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.examine(args.bytes(2));
        if (entry == null) {
            reply.nullBulk();
            return;
        }
        reply.bulk(encoding(entry));
    }

    static String encoding(Entry entry) {
        return switch (entry.type()) {
            case STRING -> StringValue.encoding(entry);
            case LIST -> ListValue.encoding(entry);
            case SET -> SetValue.encoding(entry);
            case SORTED_SET -> SortedSetValue.encoding(entry);
            case HASH -> HashValue.encoding(entry);
            case STREAM -> StreamValue.encoding();
        };
    }

    private static void objectFreq(Args args, Session session, ReplySink reply) {
        Entry entry = session.tx().examine(args.bytes(2));
        if (entry == null) {
            reply.nullBulk();
        } else if (countsUses(session)) {
            reply.integer(entry.frequency());
        } else {
            throw CommandError.of(
                    "ERR An LFU maxmemory policy is not selected, access frequency not tracked." + POLICY_NOTE);
        }
    }

    private static void objectIdleTime(Args args, Session session, ReplySink reply) {
        Entry entry = session.tx().examine(args.bytes(2));
        if (entry == null) {
            reply.nullBulk();
        } else if (countsUses(session)) {
            throw CommandError.of("ERR An LFU maxmemory policy is selected, idle time not tracked." + POLICY_NOTE);
        } else {
            reply.integer(entry.idleSeconds());
        }
    }

    private static boolean countsUses(Session session) {
        return session.engine().config().maxmemoryPolicy.value().endsWith("-lfu");
    }

    private static void objectRefCount(Args args, Tx tx, ReplySink reply) {
        if (tx.examine(args.bytes(2)) == null) {
            reply.nullBulk();
        } else {
            // No two keys share a value here.
            reply.integer(1);
        }
    }

    private static void persist(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.write(args.bytes(1));
        if (entry == null || entry.deadlineMs() == Tx.NO_DEADLINE) {
            reply.integer(0);
            return;
        }
        entry.deadlineMs(Tx.NO_DEADLINE);
        tx.changed(args.bytes(1), KeyEvent.PERSIST);
        reply.integer(1);
    }

    private static void pExpire(Args args, Tx tx, ReplySink reply) {
        expire(ExpireTime.PX, "pexpire", args, tx, reply);
    }

    private static void pExpireAt(Args args, Tx tx, ReplySink reply) {
        expire(ExpireTime.PXAT, "pexpireat", args, tx, reply);
    }

    private static void pExpireTime(Args args, Tx tx, ReplySink reply) {
        replyTime(args, tx, 0, 1, reply);
    }

    private static void pTtl(Args args, Tx tx, ReplySink reply) {
        replyTime(args, tx, tx.nowMs(), 1, reply);
    }

    private static void randomKey(Args args, Tx tx, ReplySink reply) {
        if (!tx.randomKey(reply::bulk)) {
            reply.nullBulk();
        }
    }

    private static void rename(Args args, Tx tx, ReplySink reply) {
        Entry from = renamed(args, tx);
        Bytes to = args.bytes(2);
        if (!args.bytes(1).equals(to)) {
            tx.rename(from, to);
            tx.changed(args.bytes(1), KeyEvent.RENAME_FROM);
            tx.changed(to, KeyEvent.RENAME_TO);
        }
        reply.ok();
    }

    private static Entry renamed(Args args, Tx tx) {
        Entry entry = tx.write(args.bytes(1));
        if (entry == null) {
            throw CommandError.NO_SUCH_KEY;
        }
        return entry;
    }

    private static void renameNx(Args args, Tx tx, ReplySink reply) {
        Entry from = renamed(args, tx);
        Bytes to = args.bytes(2);
        if (tx.find(to) != null) {
            reply.integer(0);
            return;
        }
        tx.rename(from, to);
        tx.changed(args.bytes(1), KeyEvent.RENAME_FROM);
        tx.changed(to, KeyEvent.RENAME_TO);
        reply.integer(1);
    }

    private static void scan(Args args, Tx tx, ReplySink reply) {
        long cursor = cursor(args, 1);
        long count = DEFAULT_SCAN_COUNT;
        Glob pattern = null;
        Type type = null;
        for (int i = 2; i < args.count(); i += 2) {
            ScanOptions.refuseBare(args, i, "");
            if (i + 1 == args.count()) {
                throw CommandError.SYNTAX;
            }
            if (args.is(i, "count")) {
                count = args.integer(i + 1);
                if (count < 1) {
                    throw CommandError.SYNTAX;
                }
            } else if (args.is(i, "match")) {
                pattern = new Glob(args.bytes(i + 1));
            } else if (args.is(i, "type")) {
                type = type(args, i + 1);
            } else {
                throw CommandError.SYNTAX;
            }
        }
        replyScan(new ScanFilter(pattern, type), tx, cursor, count, reply);
    }

    private static Type type(Args args, int index) {
        return Type.named(args.bytes(index))
                .orElseThrow(() -> CommandError.of("ERR unknown type name '" + args.latin1(index) + "'"));
    }

    private static long cursor(Args args, int index) {
        try {
            return Long.parseUnsignedLong(args.text(index));
        } catch (NumberFormatException _) {
            throw CommandError.INVALID_CURSOR;
        }
    }

    /// Which keys SCAN returns of those it visits.
    ///
    /// @param pattern MATCH's, or null
    /// @param type TYPE's, or null
    private record ScanFilter(
            @Nullable Glob pattern, @Nullable Type type) {
        boolean takes(Entry entry, Bytes key) {
            return (type == null || entry.type() == type) && (pattern == null || pattern.selects(key));
        }
    }

    private static void replyScan(ScanFilter filter, Tx tx, long cursor, long count, ReplySink reply) {
        // The next cursor stands in front of the keys but is known after them, so they are kept meanwhile.
        List<byte[]> found = new ArrayList<>();
        Bytes key = new Bytes();
        long next = tx.scan(cursor, count, entry -> {
            if (filter.takes(entry, entry.key(key))) {
                found.add(key.toArray());
            }
        });
        reply.array(2);
        reply.bulk(Long.toUnsignedString(next));
        reply.array(found.size());
        for (byte[] bytes : found) {
            try (Scratch copy = Scratch.of(bytes)) {
                reply.bulk(copy.bytes());
            }
        }
    }

    private static void touch(Args args, Tx tx, ReplySink reply) {
        int found = 0;
        for (int i = 1; i < args.count(); i++) {
            if (tx.read(args.bytes(i)) != null) {
                found++;
            }
        }
        reply.integer(found);
    }

    private static void ttl(Args args, Tx tx, ReplySink reply) {
        replyTime(args, tx, tx.nowMs(), 1000, reply);
    }

    private static void type(Args args, Tx tx, ReplySink reply) {
        Entry entry = tx.look(args.bytes(1));
        reply.simple(entry == null ? "none" : entry.type().redisName());
    }
}
